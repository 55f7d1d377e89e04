import { SEGMENTS } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { reportSegments } from '#server/modules/analytics/index.ts'
import {
  type Condition,
  type SegmentCounts,
  type SegmentExplanation,
  type SegmentsExplanation,
  explainSegments,
  gatherOpinions,
  listSegmentCounts,
  listSegmentRules,
  recomputeSegments,
  updateSegmentRule,
} from '#server/modules/segments/index.ts'

import { askingDeps } from '../asking-deps.ts'
import { type CommandGroup, command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderBar } from '../present/bar.ts'
import { showProgress } from '../present/progress.ts'
import { renderPerformance } from '../present/segment-performance.ts'
import { renderTable } from '../present/table.ts'
import { readJsonObject } from '../read-json-file.ts'
import { resolveContact } from '../resolve-contact.ts'
import { paint } from '../terminal.ts'
import { ownSegments } from './own-segments.ts'

const renderCounts = ({ t, terminal, formats }: CliContext, counts: SegmentCounts): string =>
  renderTable(
    terminal,
    [
      { title: t('column.segment'), value: (row) => t(`words:segment.${row}`) },
      { title: '', value: (row) => row },
      { title: t('column.people'), value: (row) => formats.number(counts.segments[row].held), align: 'right' },
      { title: t('column.primary'), value: (row) => formats.number(counts.segments[row].primary), align: 'right' },
      { title: t('column.share'), value: (row) => renderBar(counts.segments[row].held, counts.contacts, 20) },
    ],
    SEGMENTS,
    '',
  )

const list = command({
  name: 'list',
  run: (context) => context.read(listSegmentCounts),
  render: (context, counts) =>
    `${renderCounts(context, counts)}\n\n${context.t('segments.total', { contacts: context.formats.number(counts.contacts), without: context.formats.number(counts.withoutSegment) })}`,
})

const recompute = command({
  name: 'recompute',
  run: async (context) => {
    const tenantId = (await context.tenant()).id
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const progress = showProgress(context.terminal, context.t, {
      label: context.t('segments.recomputing'),
      show: 'counts',
    })
    try {
      return await recomputeSegments({ db: await context.db(), clock: context.host.clock }, tenantId, {
        onProgress: progress.update,
      })
    } finally {
      progress.end()
    }
  },
  render: ({ t }, summary) => t('segments.recomputed', { ...summary }),
})

const opinions = command({
  name: 'opinions',
  run: async (context) => {
    const deps = await askingDeps(context)
    return gatherOpinions(deps, (await context.tenant()).id)
  },
  render: ({ t }, { stoppedBy, ...summary }) =>
    stoppedBy === null
      ? t('segments.opinionsGathered', { ...summary })
      : t('segments.opinionsStopped', { ...summary, why: t(`words:modelRefusal.${stoppedBy}`) }),
})

const conditionText = (condition: Condition): string =>
  'without' in condition ? `≠ ${condition.without}` : `${condition.feature} ${condition.op} ${condition.value}`

const inputText = ({ t, formats }: CliContext, input: number | null): string => {
  if (input === null) return ''
  return Number.isFinite(input) ? formats.number(Math.round(input * 100) / 100) : t('contacts.never')
}

const renderTrace = (context: CliContext, trace: SegmentExplanation, primary: string | null): string => {
  const { t, terminal } = context
  const isHeld = trace.heldConfidence !== null
  const head = `${isHeld ? paint(terminal, 'green', '✓') : paint(terminal, 'dim', '·')} ${trace.segment === primary ? '★ ' : ''}${t(`words:segment.${trace.segment}`)}`
  const confidence = isHeld ? `  ${t('segments.confidenceIs', { confidence: trace.heldConfidence ?? 0 })}` : ''
  const conditions = trace.conditions.map((row) => {
    const mark = row.passed ? paint(terminal, 'green', '✓') : paint(terminal, 'red', '✗')
    return `    ${mark} ${conditionText(row.condition)}  ${paint(terminal, 'dim', inputText(context, row.input))}`
  })
  const { opinion } = trace
  const opined =
    opinion === null
      ? []
      : [
          `    ${t('segments.opinion', { model: opinion.model, confidence: opinion.confidence, reason: opinion.reason })}`,
        ]
  return [`${paint(terminal, 'bold', head)}${confidence}`, ...conditions, ...opined].join('\n')
}

export const renderExplanation = (context: CliContext, explanation: SegmentsExplanation): string =>
  explanation.segments
    .toSorted((a, b) => (b.heldConfidence ?? -1) - (a.heldConfidence ?? -1))
    .map((trace) => renderTrace(context, trace, explanation.primary.segment))
    .join('\n')

const explain = command({
  name: 'explain',
  args: [{ name: 'contact' }],
  run: (context, input) =>
    context.read(async (tx) => explainSegments(tx, (await resolveContact(tx, input.arg('contact'))).id, context.now())),
  render: renderExplanation,
})

const rules = command({
  name: 'rules',
  run: (context) => context.read(listSegmentRules),
  render: ({ t, terminal }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('column.segment'), value: (row) => row.segment },
        { title: t('column.version'), value: (row) => row.version, align: 'right' },
        { title: t('column.confidence'), value: (row) => row.baseConfidence, align: 'right' },
        { title: t('column.state'), value: (row) => t(row.enabled ? 'talk.on' : 'talk.off') },
        { title: t('column.rule'), value: (row) => row.conditions.map(conditionText).join(' ∧ ') },
      ],
      rows,
      t('segments.noRules'),
    ),
})

const setRule = command({
  name: 'set-rule',
  args: [{ name: 'segment' }, { name: 'rule-file' }],
  run: async (context, input) => {
    const given = await readJsonObject('rule-file', input.arg('rule-file'))
    const segment = input.argOf('segment', SEGMENTS)
    const { conditions, baseConfidence, enabled } = given
    return context.change((tx) =>
      updateSegmentRule(tx, { segment, conditions, baseConfidence, enabled, changedBy: ACTOR, now: context.now() }),
    )
  },
  render: ({ t }, rule) => t('segments.ruleSet', { segment: rule.segment, version: rule.version }),
})

const DAYS_SHOWN = 30
const DAYS_MAX = 3_650

const compare = command({
  name: 'compare',
  options: [{ name: 'days', value: 'n' }],
  run: (context, input) => {
    const until = context.now() + 1
    const since = until - (input.whole('days', 1, DAYS_MAX) ?? DAYS_SHOWN) * DAY_MS
    return context.read((tx) => reportSegments(tx, { since, until }))
  },
  render: renderPerformance,
})

export const segments: CommandGroup = {
  name: 'segments',
  commands: [list, recompute, opinions, explain, compare, rules, setRule, ownSegments],
}

import { MODEL_MODES } from '#contract/words.ts'
import {
  type ModelActor,
  type ModelChange,
  type ModelTest,
  type ModelUsageReport,
  type ModelView,
  reportModelUsage,
  setModel,
  testModel,
  viewModel,
} from '#server/modules/llm/index.ts'

import { invalid } from '#server/base/errors.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { renderBar } from '../present/bar.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { readSecret } from '../read-secret.ts'
import { paint } from '../terminal.ts'

/** Whoever may run commands on the server may do what an owner may. */
const actor = (context: CliContext): ModelActor => ({
  access: { kind: 'member', role: 'owner' },
  by: ACTOR,
  at: context.now(),
})

const BAR_WIDTH = 24

const restText = ({ t, formats, now }: CliContext, { rest }: ModelView): string =>
  rest === null
    ? t('llm.noRest')
    : t('llm.until', { reason: t(`words:modelRefusal.${rest.reason}`), when: formats.relative(rest.until, now()) })

const renderModel = (context: CliContext, view: ModelView): string => {
  const { t, terminal, formats } = context
  if (view.mode === 'off') return t('llm.isOff')
  const bar = renderBar(view.tokensTaken, view.tokensAllowed, BAR_WIDTH)
  const key = t(view.hasKey ? 'llm.hasKey' : 'llm.noKey')
  return renderPairs(terminal, [
    [t('llm.whose'), t(`words:modelMode.${view.mode}`)],
    ...(view.mode === 'own'
      ? ([
          [t('llm.address'), `${view.baseUrl ?? ''} · ${view.model ?? ''}`],
          [t('llm.key'), key],
        ] as const)
      : []),
    [
      t('llm.month', { month: view.month.slice(0, 7) }),
      `${t('llm.taken', { taken: formats.number(view.tokensTaken), allowed: formats.number(view.tokensAllowed) })} ${bar}`.trimEnd(),
    ],
    [t('llm.budget'), formats.number(view.tokensPerMonth)],
    [t('llm.rate'), formats.number(view.perMinuteMax)],
    [t('llm.rest'), restText(context, view)],
  ])
}

const show = command({
  name: 'show',
  run: (context) => context.read((tx) => viewModel(tx, actor(context).access, context.now())),
  render: renderModel,
})

const readKey = async (context: CliContext, input: CommandInput): Promise<string | null | undefined> => {
  if (input.isOn('no-key')) return null
  const file = input.text('key-file')
  return file === null ? undefined : readSecret(context, file, context.t('llm.keyQuestion'), '--key-file')
}

const readChange = async (context: CliContext, input: CommandInput): Promise<ModelChange> => {
  const mode = input.oneOf('whose', MODEL_MODES)
  const [baseUrl, model, apiKey] = [input.text('base-url'), input.text('model'), await readKey(context, input)]
  const tokensPerMonth = input.whole('tokens-per-month', 0, 1_000_000_000_000)
  const perMinuteMax = input.whole('per-minute', 1, 100_000)
  return {
    ...(mode !== null && { mode }),
    ...(baseUrl !== null && { baseUrl }),
    ...(model !== null && { model }),
    ...(apiKey !== undefined && { apiKey }),
    ...(tokensPerMonth !== null && { tokensPerMonth }),
    ...(perMinuteMax !== null && { perMinuteMax }),
  }
}

const change = async (context: CliContext, wanted: ModelChange): Promise<ModelView> => {
  const { box, installation, arePrivateAllowed } = await context.host.models()
  const deps = { box, hasInstallation: installation !== null, arePrivateAllowed }
  return context.change((tx) => setModel(tx, deps, wanted, actor(context)))
}

const set = command({
  name: 'set',
  options: [
    { name: 'whose', value: MODEL_MODES.join('|') },
    { name: 'base-url', value: 'url' },
    { name: 'model', value: 'name' },
    { name: 'key-file', value: 'file' },
    { name: 'no-key' },
    { name: 'tokens-per-month', value: 'count' },
    { name: 'per-minute', value: 'count' },
  ],
  run: async (context, input) => change(context, await readChange(context, input)),
  render: renderModel,
})

const off = command({
  name: 'off',
  run: (context) => change(context, { mode: 'off' }),
  render: ({ t }) => t('llm.nowOff'),
})

const outcomeText = ({ t }: CliContext, outcome: string): string =>
  t(['answered', 'cached', 'cancelled'].includes(outcome) ? `llm.outcomes.${outcome}` : `words:modelRefusal.${outcome}`)

const renderUsage = (context: CliContext, { days, outcomes, tokens, latencyMs }: ModelUsageReport): string => {
  const { t, terminal, formats } = context
  const most = Math.max(0, ...days.map((row) => row.inputTokens + row.outputTokens))
  const table = renderTable(
    terminal,
    [
      { title: t('llm.day'), value: (row) => row.day },
      { title: t('llm.purpose'), value: (row) => t(`words:modelPurpose.${row.purpose}`) },
      { title: t('llm.questions'), value: (row) => formats.number(row.questions), align: 'right' },
      { title: t('llm.answered'), value: (row) => formats.number(row.answered), align: 'right' },
      { title: t('llm.tokens'), value: (row) => formats.number(row.inputTokens + row.outputTokens), align: 'right' },
      { title: '', value: (row) => renderBar(row.inputTokens + row.outputTokens, most, BAR_WIDTH) },
    ],
    days,
    t('llm.none'),
  )
  if (days.length === 0) return table
  const endings = renderPairs(
    terminal,
    Object.entries(outcomes).map(([outcome, count]) => [outcomeText(context, outcome), formats.number(count)]),
  )
  const total = t('llm.total', { tokens: formats.number(tokens) })
  return [table, endings, latencyMs === null ? total : `${total}\n${t('llm.latency', latencyMs)}`].join('\n\n')
}

const usage = command({
  name: 'usage',
  options: [{ name: 'days', value: 'count' }],
  run: (context, input) => {
    const days = input.whole('days', 1, 400) ?? 30
    return context.read((tx) => reportModelUsage(tx, actor(context).access, { days, at: context.now() }))
  },
  render: renderUsage,
})

const renderTest = ({ t, terminal, formats }: CliContext, test: ModelTest): string => {
  const { answer, latencyMs, format, inputTokens, outputTokens, cause } = test
  const verdict =
    answer.kind === 'unanswered'
      ? paint(terminal, 'red', t('llm.fails', { reason: t(`words:modelRefusal.${answer.reason}`) }))
      : answer.value.isRight
        ? paint(terminal, 'green', t('llm.works', { text: answer.value.text }))
        : paint(terminal, 'yellow', t('llm.wrong', { text: answer.value.text }))
  const pairs = renderPairs(terminal, [
    ...(latencyMs === null ? [] : ([['ms', formats.number(latencyMs)]] as const)),
    ...(format === null ? [] : ([[t('llm.format'), format]] as const)),
    [t('llm.tokens'), `${formats.number(inputTokens)} + ${formats.number(outputTokens)}`],
    ...(cause === null ? [] : ([[t('llm.cause'), cause]] as const)),
  ])
  return [verdict, pairs].join('\n\n')
}

const test = command({
  name: 'test',
  run: async (context) => {
    // A real question costs real tokens, so there is nothing to rehearse.
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const { box, model, installation } = await context.host.models()
    const deps = { db: await context.db(), box, model, installation, clock: context.host.clock }
    return testModel(deps, (await context.tenant()).id, actor(context))
  },
  render: renderTest,
  exitCode: ({ answer }) => (answer.kind === 'answered' ? EXIT.ok : EXIT.refused),
})

export const llm: CommandGroup = { name: 'llm', commands: [show, set, off, usage, test] }

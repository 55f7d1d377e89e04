import { ONBOARDING_STATES } from '#contract/words.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type DurationKpi,
  type FunnelStep,
  type OnboardingFunnel,
  type RatioKpi,
  getOnboardingHistory,
  listOnboardings,
  reportOnboardingFunnel,
} from '#server/modules/onboarding/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderBar } from '../present/bar.ts'
import { renderPairs, renderTable } from '../present/table.ts'

const BAR = 24

const minutes = ({ t, formats }: CliContext, ms: number | null): string =>
  ms === null ? '–' : t('onboarding.minutes', { minutes: formats.number(Math.round((ms / MINUTE_MS) * 10) / 10) })

const renderSteps = (context: CliContext, steps: readonly FunnelStep[]): string => {
  const { t, terminal, formats } = context
  const most = Math.max(0, ...steps.map((step) => step.entered))
  const count = (title: string, of: (step: FunnelStep) => number) =>
    ({ title: t(title), value: (step: FunnelStep) => formats.number(of(step)), align: 'right' }) as const
  return renderTable(
    terminal,
    [
      { title: t('onboarding.step'), value: (step) => t(`words:onboardingState.${step.state}`) },
      count('onboarding.entered', (step) => step.entered),
      { title: '', value: (step) => renderBar(step.entered, most, BAR) },
      count('onboarding.converted', (step) => step.converted),
      count('onboarding.left', (step) => step.left),
      count('onboarding.waiting', (step) => step.waiting),
      { title: t('onboarding.median'), value: (step) => minutes(context, step.medianMs), align: 'right' },
    ],
    steps,
    t('onboarding.noData'),
  )
}

const verdict = (t: CliContext['t'], isMet: boolean | null): string =>
  isMet === null ? '' : ` · ${t(isMet ? 'onboarding.met' : 'onboarding.missed')}`

const ratioText = ({ t, formats }: CliContext, kpi: RatioKpi): string =>
  kpi.ratio === null
    ? t('onboarding.noData')
    : `${formats.percent(kpi.ratio)} (${kpi.count}/${kpi.of}) ≥ ${formats.percent(kpi.goalRatio, 0)}${verdict(t, kpi.isMet)}`

const setUpText = (context: CliContext, kpi: DurationKpi): string =>
  kpi.medianMs === null
    ? context.t('onboarding.noData')
    : `${minutes(context, kpi.medianMs)} (${kpi.count}) < ${minutes(context, kpi.limitMs)}${verdict(context.t, kpi.isMet)}`

const renderFunnel = (context: CliContext, report: OnboardingFunnel): string => {
  const { t, terminal } = context
  const groups = (rows: Readonly<Record<string, readonly FunnelStep[]>>) =>
    Object.entries(rows).length < 2
      ? []
      : Object.entries(rows).map(([name, steps]) => `${name}\n${renderSteps(context, steps)}`)
  const kpis = renderPairs(terminal, [
    [t('onboarding.started'), report.started],
    [t('onboarding.success'), ratioText(context, report.kpis.success)],
    [t('onboarding.payment'), ratioText(context, report.kpis.payment)],
    [t('onboarding.setUp'), setUpText(context, report.kpis.setUp)],
  ])
  return [renderSteps(context, report.steps), ...groups(report.byVariant), ...groups(report.bySurface), kpis].join(
    '\n\n',
  )
}

/** Who began in the last thirty days unless told otherwise. */
const funnel = command({
  name: 'funnel',
  options: [
    { name: 'since', value: 'instant' },
    { name: 'until', value: 'instant' },
  ],
  run: async (context, input) => {
    const until = input.instant('until') ?? context.now()
    const since = input.instant('since') ?? until - 30 * DAY_MS
    return asOperator(await context.db(), 'command line', (tx) => reportOnboardingFunnel(tx, { since, until }))
  },
  render: renderFunnel,
})

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: 'word' },
    { name: 'limit', value: 'n' },
  ],
  run: async (context, input) => {
    const state = input.oneOf('state', ONBOARDING_STATES)
    const filter = state === null ? {} : { state }
    const limit = input.whole('limit', 1, 200) ?? 50
    return asOperator(await context.db(), 'command line', (tx) => listOnboardings(tx, filter, limit))
  },
  render: ({ t, terminal, formats, now }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('onboarding.id'), value: (row) => row.id, align: 'right' },
        { title: t('onboarding.person'), value: (row) => row.telegramId, align: 'right' },
        { title: t('onboarding.step'), value: (row) => t(`words:onboardingState.${row.state}`) },
        {
          title: t('packages.package'),
          value: (row) => (row.package === null ? '–' : t(`words:package.${row.package}`)),
        },
        { title: t('onboarding.since'), value: (row) => formats.relative(row.stepEnteredAt, now()) },
        {
          title: t('onboarding.until'),
          value: (row) => (row.expiresAt === null ? '–' : formats.relative(row.expiresAt, now())),
        },
      ],
      rows,
      t('onboarding.none'),
    ),
})

const show = command({
  name: 'show',
  args: [{ name: 'id' }],
  run: async (context, input) => {
    const id = input.id('id')
    return asOperator(await context.db(), 'command line', (tx) => getOnboardingHistory(tx, id))
  },
  render: ({ t, terminal, formats }, { onboarding: row, steps, measured }) => {
    const zone = 'Europe/Istanbul'
    const pairs = renderPairs(terminal, [
      [t('onboarding.person'), row.telegramId],
      [t('onboarding.step'), t(`words:onboardingState.${row.state}`)],
      [t('onboarding.reason'), row.endReason ?? '–'],
      [t('packages.package'), row.package === null ? '–' : t(`words:package.${row.package}`)],
      [t('onboarding.tenant'), row.tenantId ?? '–'],
      [t('onboarding.account'), row.accountId ?? '–'],
    ])
    const taken = renderTable(
      terminal,
      [
        { title: t('onboarding.at'), value: (step) => formats.instant(step.at, zone) },
        { title: t('onboarding.step'), value: (step) => t(`words:onboardingState.${step.to}`) },
        { title: t('onboarding.cause'), value: (step) => step.cause },
        { title: t('onboarding.surface'), value: (step) => step.surface ?? '–' },
      ],
      steps,
      '',
    )
    const events = renderPairs(
      terminal,
      measured.map(({ name, at }) => [name, formats.instant(at, zone)]),
    )
    return [pairs, taken, events].join('\n\n')
  },
})

export const onboarding: CommandGroup = { name: 'onboarding', commands: [funnel, list, show] }

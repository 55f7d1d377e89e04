import { DELIVERY_STATES, POST_RESPONSES } from '#contract/words.ts'
import type { CampaignReport } from '#server/modules/delivery/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { renderBar } from './bar.ts'
import { reasonText } from './reason-text.ts'
import { renderTable } from './table.ts'

const FUNNEL = ['planned', 'sent', 'clicked', 'responded', 'converted', 'optedOut', 'blocked'] as const

type Row = CampaignReport['bySegment'][number]

const renderRows = ({ t, terminal, formats }: CliContext, title: string, rows: readonly Row[]): string =>
  renderTable(
    terminal,
    [
      { title: t(title), value: (row: Row) => row.key },
      ...FUNNEL.map((step) => ({
        title: t(`campaigns.funnel.${step}`),
        value: (row: Row) => formats.number(row[step]),
        align: 'right' as const,
      })),
    ],
    rows,
    '',
  )

const renderFunnel = ({ t, terminal, formats }: CliContext, { funnel }: CampaignReport): string =>
  renderTable(
    terminal,
    [
      { title: '', value: (step) => t(`campaigns.funnel.${step}`) },
      { title: '', value: (step) => formats.number(funnel[step]), align: 'right' },
      {
        title: '',
        value: (step) => (funnel.sent === 0 || step === 'planned' ? '' : formats.percent(funnel[step] / funnel.sent)),
        align: 'right',
      },
      { title: '', value: (step) => renderBar(funnel[step], funnel.planned, 24) },
    ],
    FUNNEL,
    '',
  )

const percentRange = (
  { formats }: CliContext,
  { low, high }: { readonly low: number; readonly high: number },
): string => `${formats.percent(low)} – ${formats.percent(high)}`

const GOAL_BAR = 30

const renderGoal = ({ t, formats }: CliContext, { goal, cost }: CampaignReport, timeZone: string): string => {
  if (goal === null) return ''
  const figure = (value: number): string =>
    goal.kind === 'revenue' ? formats.money(value, cost.currency) : formats.number(value)
  const bar = renderBar(goal.value, goal.target, GOAL_BAR).padEnd(GOAL_BAR, '░')
  const progress = t('campaigns.goal', {
    kind: t(`words:campaignGoal.${goal.kind}`),
    value: figure(goal.value),
    target: figure(goal.target),
    percent: formats.percent(goal.value / goal.target, 0),
  })
  const reached =
    goal.reachedAt === null ? '' : ` · ${t('campaigns.goalReached', { at: formats.instant(goal.reachedAt, timeZone) })}`
  return `${progress}${reached}\n${bar}`
}

/** Against the people withheld, with the interval; never a bare percentage. */
const renderEffect = (context: CliContext, { effect }: CampaignReport): string => {
  const { t, formats } = context
  const { treated, holdout, lift, isProven } = effect
  if (lift === null || treated.ratio === null || holdout.ratio === null) return ''
  return [
    t('campaigns.effect', {
      treated: formats.percent(treated.ratio),
      people: formats.number(treated.people),
      holdout: formats.percent(holdout.ratio),
      withheld: formats.number(holdout.people),
    }),
    t(isProven ? 'campaigns.liftProven' : 'campaigns.liftOpen', {
      lift: formats.percent(lift.value),
      range: percentRange(context, lift),
    }),
  ].join('\n')
}

const renderMoney = ({ t, formats }: CliContext, { revenueMinor, cost }: CampaignReport): string =>
  [
    t('campaigns.revenue', { amount: formats.money(revenueMinor, cost.currency) }),
    cost.totalMinor === null
      ? t('campaigns.costAgreed')
      : t(`campaigns.cost.${cost.basis}`, {
          amount: formats.money(cost.totalMinor, cost.currency),
          messages: formats.number(cost.messages),
          package: cost.package,
        }),
  ].join(' · ')

const renderChats = ({ t, terminal, formats }: CliContext, { chats }: CampaignReport, timeZone: string): string =>
  renderTable(
    terminal,
    [
      { title: t('campaigns.chat'), value: (row) => row.title ?? row.telegramId },
      { title: t('column.state'), value: (row) => t(`words:deliveryState.${row.state}`) },
      { title: t('column.reason'), value: (row) => reasonText(t, row.reason) },
      { title: t('column.sent'), value: (row) => (row.sentAt === null ? '' : formats.instant(row.sentAt, timeZone)) },
      ...POST_RESPONSES.map((kind) => ({
        title: t(`words:postResponse.${kind}`),
        value: (row: CampaignReport['chats'][number]) => {
          const counts = { reaction: row.reactions, reply: row.replies, click: row.clicks }
          return formats.number(counts[kind])
        },
        align: 'right' as const,
      })),
      { title: t('campaigns.joins'), value: (row) => formats.number(row.joins), align: 'right' },
      {
        title: t('campaigns.pin'),
        value: (row) => (row.pinReason === null ? (row.pinState ?? '') : reasonText(t, row.pinReason)),
      },
    ],
    chats,
    '',
  )

const renderDrip = ({ t, formats }: CliContext, { drip }: CampaignReport): string => {
  if (drip === null) return ''
  const standing = [
    `${t('words:dripState.active')}: ${formats.number(drip.active)}`,
    `${t('words:dripState.done')}: ${formats.number(drip.done)}`,
    ...Object.entries(drip.stopped).map(([what, count]) => `${t(`words:dripEvent.${what}`)}: ${formats.number(count)}`),
  ]
  const steps = drip.byStep.map(({ step, active }) => `${t('campaigns.step')} ${step + 1}: ${formats.number(active)}`)
  return [standing.join(' · '), steps.join(' · ')].filter(Boolean).join('\n')
}

/**
 * How a campaign went, by its kind: goal, funnel, effect and money, chats of an announcement, people of a drip, by
 * segment, hour and variant, and what did not arrive and why.
 */
export const renderCampaignReport = (context: CliContext, report: CampaignReport, timeZone: string): string => {
  const { t, terminal, formats } = context
  const states = DELIVERY_STATES.filter((state) => report.states[state] > 0).map(
    (state) => `${t(`words:deliveryState.${state}`)}: ${formats.number(report.states[state])}`,
  )
  const failures = renderTable(
    terminal,
    [
      { title: t('column.state'), value: (row) => t(`words:deliveryState.${row.state}`) },
      { title: t('column.reason'), value: (row) => reasonText(t, row.reason) },
      { title: t('column.people'), value: (row) => formats.number(row.count), align: 'right' },
    ],
    report.failures,
    '',
  )
  const { campaign, funnel } = report
  const kind = t(`words:campaignKind.${campaign.kind}`)
  const state = t(`words:campaignState.${campaign.state}`)
  return [
    paint(terminal, 'bold', `${campaign.name} · ${kind} · ${state}`),
    renderGoal(context, report, timeZone),
    renderFunnel(context, report),
    funnel.sent === 0 ? '' : t('campaigns.responseRange', { range: percentRange(context, report.responseInterval) }),
    states.join(' · '),
    renderDrip(context, report),
    renderChats(context, report, timeZone),
    renderEffect(context, report),
    renderMoney(context, report),
    renderRows(context, 'column.segment', report.bySegment),
    renderRows(context, 'campaigns.hour', report.byHour),
    renderRows(context, 'campaigns.variant', report.byVariant),
    failures,
  ]
    .filter(Boolean)
    .join('\n\n')
}

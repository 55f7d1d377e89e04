import { DELIVERY_STATES } from '#contract/words.ts'
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

/** How a campaign went: funnel, by segment, hour and variant, what did not arrive and why, and the people left out. */
export const renderCampaignReport = (context: CliContext, report: CampaignReport): string => {
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
  const { people, converted } = report.holdout
  return [
    paint(terminal, 'bold', `${report.campaign.name} · ${t(`words:campaignState.${report.campaign.state}`)}`),
    renderFunnel(context, report),
    states.join(' · '),
    renderRows(context, 'column.segment', report.bySegment),
    renderRows(context, 'campaigns.hour', report.byHour),
    renderRows(context, 'campaigns.variant', report.byVariant),
    failures,
    people === 0
      ? ''
      : t('campaigns.holdout', { people: formats.number(people), converted: formats.number(converted) }),
  ]
    .filter(Boolean)
    .join('\n\n')
}

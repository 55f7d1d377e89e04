import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { FunnelReport } from '#server/modules/sales/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { renderBar } from './bar.ts'
import { renderTable } from './table.ts'

/** A length of time in the unit that tells it best. */
const lengthText = ({ t, formats }: CliContext, ms: number | null): string => {
  if (ms === null) return '–'
  const [unit, size] = ms < HOUR_MS ? (['minutes', MINUTE_MS] as const) : (['hours', HOUR_MS] as const)
  return t(`funnels.${unit}`, { number: formats.number(Math.round((ms / size) * 10) / 10) })
}

/** From here nobody goes on. */
const isOver = ({ kind }: FunnelReport['stages'][number]): boolean => kind === 'delivered' || kind === 'lost'

/** How people went through a funnel: bars of who came, who went on with the interval of the share, and the revenue. */
export const renderFunnelReport = (context: CliContext, report: FunnelReport): string => {
  const { t, terminal, formats } = context
  const most = Math.max(1, ...report.stages.map(({ entered }) => entered))
  const stages = renderTable(
    terminal,
    [
      { title: t('funnels.stage'), value: (row) => row.stage },
      { title: t('column.people'), value: (row) => formats.number(row.entered), align: 'right' },
      { title: '', value: (row) => renderBar(row.entered, most, 20) },
      {
        title: t('funnels.wentOn'),
        value: (row) => (row.wentOnRatio === null || isOver(row) ? '–' : formats.percent(row.wentOnRatio)),
        align: 'right',
      },
      {
        title: t('column.interval'),
        value: (row) => {
          const { low, high } = row.wentOnInterval
          return row.wentOnRatio === null || isOver(row) ? '' : `${formats.percent(low, 0)}–${formats.percent(high, 0)}`
        },
      },
      { title: t('words:funnelStageKind.lost'), value: (row) => formats.number(row.lost), align: 'right' },
      { title: t('funnels.median'), value: (row) => lengthText(context, row.medianMs), align: 'right' },
    ],
    report.stages,
    '',
  )
  const revenue = report.revenue.map(({ currency, orders, paidMinor, refundedMinor }) =>
    t('funnels.revenue', {
      orders: formats.number(orders),
      paid: formats.money(paidMinor, currency),
      refunded: formats.money(refundedMinor, currency),
    }),
  )
  return [
    paint(terminal, 'bold', t('funnels.title', { name: report.funnel, version: report.version })),
    stages,
    ...(revenue.length > 0 ? revenue : [t('funnels.noRevenue')]),
  ].join('\n\n')
}

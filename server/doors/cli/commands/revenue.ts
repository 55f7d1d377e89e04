import { DAY_MS } from '#server/base/duration.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { reportRevenue } from '#server/modules/billing/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { renderPairs, renderTable } from '../present/table.ts'

/** The last thirty days unless told otherwise. */
export const revenue: CommandGroup = {
  lone: command({
    name: 'revenue',
    options: [
      { name: 'from', value: 'instant' },
      { name: 'to', value: 'instant' },
    ],
    run: async (context, input) => {
      const to = input.instant('to') ?? context.now()
      const from = input.instant('from') ?? to - 30 * DAY_MS
      return asOperator(await context.db(), 'command line', (tx) => reportRevenue(tx, { from, to }))
    },
    render: ({ t, terminal, formats }, report) => {
      const table = renderTable(
        terminal,
        [
          { title: t('packages.package'), value: (row) => t(`words:package.${row.package}`) },
          { title: t('revenue.periods'), value: (row) => formats.number(row.periods), align: 'right' },
          { title: t('revenue.paid'), value: (row) => formats.money(row.paidMinor, row.currency), align: 'right' },
        ],
        report.packages,
        t('revenue.none'),
      )
      const pairs = renderPairs(terminal, [
        [t('revenue.mrr'), formats.money(report.mrrMinor, report.currency)],
        [t('revenue.paying'), `${report.payingAtStart} → ${report.payingAtEnd}`],
        [t('revenue.churn'), report.churnRatio === null ? '–' : formats.percent(report.churnRatio)],
      ])
      return `${table}\n\n${pairs}`
    },
  }),
}

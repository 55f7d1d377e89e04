import type { AccountHealthReport } from '#server/modules/delivery/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { renderTable } from './table.ts'

const COLOURS = { normal: 'green', slowed: 'yellow', stopped: 'red' } as const

const renderEvidence = ({ t, terminal, formats }: CliContext, { evidence }: AccountHealthReport): string =>
  renderTable(
    terminal,
    [
      { title: t('health.figure'), value: (row) => t(`health.name.${row.name}`) },
      {
        title: t('health.value'),
        value: (row) => (row.sends === null ? formats.number(row.value) : formats.percent(row.value)),
        align: 'right',
      },
      {
        title: t('health.counted'),
        value: (row) => (row.sends === null ? '' : `${formats.number(row.count)} / ${formats.number(row.sends)}`),
        align: 'right',
      },
      {
        title: t('health.slowAt'),
        value: (row) => (row.sends === null ? formats.number(row.slowAt) : formats.percent(row.slowAt)),
        align: 'right',
      },
      {
        title: t('health.stopAt'),
        value: (row) => (row.sends === null ? formats.number(row.stopAt) : formats.percent(row.stopAt)),
        align: 'right',
      },
      { title: '', value: (row) => (row.isTooEarly ? t('health.tooEarly') : '') },
    ],
    evidence,
    '',
  )

const wayBack = ({ t, formats }: CliContext, report: AccountHealthReport, timeZone: string): readonly string[] => {
  if (report.health === 'normal') return []
  const { since, nextStepAt, fullSpeedAt, accountId: id } = report
  return [
    ...(since === null ? [] : [t('health.since', { at: formats.instant(since, timeZone) })]),
    nextStepAt === null || fullSpeedAt === null
      ? t('health.notClean')
      : t('health.wayBack', {
          next: formats.instant(nextStepAt, timeZone),
          full: formats.instant(fullSpeedAt, timeZone),
        }),
    t('health.resumeHint', { id }),
  ]
}

/** How an account goes on, by which figures, how it comes back and what it may send meanwhile. */
export const renderHealth = (context: CliContext, report: AccountHealthReport, timeZone: string): string => {
  const { t, terminal, formats } = context
  const { pace, warmUp } = report
  const bound = (value: number | null): string => (value === null ? '∞' : formats.number(value))
  return [
    `${paint(terminal, 'bold', `${report.accountId} · ${report.displayName}`)} · ${paint(terminal, COLOURS[report.health], t(`words:health.${report.health}`))}`,
    renderEvidence(context, report),
    ...wayBack(context, report, timeZone),
    ...(warmUp === null
      ? []
      : [
          t('health.warmUp', {
            day: warmUp.day,
            today: bound(warmUp.capToday),
            tomorrow: bound(warmUp.capTomorrow),
            used: formats.number(report.commercialToday),
          }),
        ]),
    t('health.pace', {
      second: formats.number(pace.perSecond),
      minute: bound(pace.perMinute),
      commercial: bound(pace.commercialPerDay),
      hourly: bound(pace.outreachPerHour),
      daily: bound(pace.outreachPerDay),
    }),
  ].join('\n')
}

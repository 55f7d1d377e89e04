import type { SegmentPerformance } from '#server/modules/analytics/index.ts'

import type { CliContext } from '../context.ts'
import { renderBar } from './bar.ts'
import { renderTable } from './table.ts'

/** The segments side by side, by what came of the messages sent to them. */
export const renderPerformance = (
  { t, terminal, formats }: CliContext,
  rows: readonly SegmentPerformance[],
): string => {
  const percent = (ratio: number | null) => (ratio === null ? '—' : formats.percent(ratio))
  return renderTable(
    terminal,
    [
      { title: t('column.segment'), value: (row) => t(`words:segment.${row.segment}`) },
      { title: t('column.sent'), value: (row) => formats.number(row.sent), align: 'right' },
      { title: t('column.responded'), value: (row) => formats.number(row.responded), align: 'right' },
      { title: t('column.responseRatio'), value: (row) => percent(row.responseRatio), align: 'right' },
      {
        title: t('column.interval'),
        value: (row) =>
          row.sent === 0 ? '—' : `${percent(row.responseInterval.low)} – ${percent(row.responseInterval.high)}`,
      },
      { title: '', value: (row) => renderBar(row.responseRatio ?? 0, 1, 16) },
      { title: t('column.clicked'), value: (row) => formats.number(row.clicked), align: 'right' },
      { title: t('column.converted'), value: (row) => formats.number(row.converted), align: 'right' },
      { title: t('column.lossRatio'), value: (row) => percent(row.lossRatio), align: 'right' },
    ],
    rows,
    '',
  )
}

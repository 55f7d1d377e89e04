import { Group, SegmentedControl, Skeleton, Stack, Title } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { ChartOption } from './chart.tsx'
import { CsvButton } from './csv-button.tsx'
import { WhenSeen } from './when-seen.tsx'

const Chart = lazy(async () => ({ default: (await import('./chart.tsx')).Chart }))
const PlainTable = lazy(async () => ({ default: (await import('./plain-table.tsx')).PlainTable }))

/** Of either view. */
const HEIGHT_PX = 280

interface ChartOrTableProps {
  readonly title: string
  readonly option: ChartOption
  /** The same figures in words: names of the columns, then rows. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  /** Name of the file the table can be saved as; without one it cannot. */
  readonly file?: string
}

/** Figures as a picture or as a table, as whoever looks prefers. */
export const ChartOrTable = ({ title, option, columns, rows, file }: ChartOrTableProps) => {
  const { t } = useTranslation()
  const [view, setView] = useState('chart')
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Group gap="xs">
          <SegmentedControl
            size="xs"
            aria-label={t('chart.view', { title })}
            value={view}
            onChange={setView}
            data={[
              { value: 'chart', label: t('chart.chart') },
              { value: 'table', label: t('chart.table') },
            ]}
          />
          {file !== undefined && <CsvButton title={title} file={file} columns={columns} rows={rows} />}
        </Group>
      </Group>
      <WhenSeen height={HEIGHT_PX}>
        <Suspense fallback={<Skeleton height={HEIGHT_PX} />}>
          {view === 'chart' ? (
            <Chart label={title} option={option} />
          ) : (
            <PlainTable title={title} columns={columns} rows={rows} maxHeight={HEIGHT_PX} />
          )}
        </Suspense>
      </WhenSeen>
    </Stack>
  )
}

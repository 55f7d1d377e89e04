import { Group, SegmentedControl, Skeleton, Stack, Table, Title } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { ChartOption } from './chart.tsx'
import { CsvButton } from './csv-button.tsx'

const Chart = lazy(async () => ({ default: (await import('./chart.tsx')).Chart }))

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
      {view === 'chart' ? (
        <Suspense fallback={<Skeleton height={280} />}>
          <Chart label={title} option={option} />
        </Suspense>
      ) : (
        <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={360} maxHeight={280}>
          <Table stickyHeader data={{ caption: title, head: [...columns], body: rows.map((row) => [...row]) }} />
        </Table.ScrollContainer>
      )}
    </Stack>
  )
}

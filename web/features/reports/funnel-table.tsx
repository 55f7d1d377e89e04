import { Anchor, Group, Stack, Table, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { Segment } from '#contract/words.ts'

import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { CsvButton } from '../../ui/csv-button.tsx'
import { FUNNEL } from './funnel-steps.ts'

interface FunnelRow extends Readonly<Record<(typeof FUNNEL)[number], number>> {
  readonly key: string
  readonly name: string
  /** Which people it is about, where there is a list of them. */
  readonly search: { readonly segment: Segment } | null
}

interface FunnelTableProps {
  readonly title: string
  readonly file: string
  /** Name of the first column. */
  readonly first: string
  readonly rows: readonly FunnelRow[]
}

/** How far messages came, a row for each value of something. */
export const FunnelTable = ({ title, file, first, rows }: FunnelTableProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayList = useMay('contacts.view')
  const columns = [first, ...FUNNEL.map((step) => t(`reports.${step}`)), t('reports.answerRatio')]
  const ratioOf = ({ answered, delivered }: FunnelRow) => (delivered === 0 ? null : answered / delivered)
  const cells = rows.map((row) => [
    row.name,
    ...FUNNEL.map((step) => row[step]),
    Math.round((ratioOf(row) ?? 0) * 1_000) / 1_000,
  ])
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {title}
        </Title>
        <CsvButton title={title} file={file} columns={columns} rows={cells} />
      </Group>
      {rows.length === 0 ? (
        <Text c="dimmed">{t('reports.nothing')}</Text>
      ) : (
        <Table.ScrollContainer minWidth={720} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': title } }}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {columns.map((name, i) => (
                  <Table.Th key={name} ta={i === 0 ? 'start' : 'end'}>
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => {
                const { search } = row
                const ratio = ratioOf(row)
                return (
                  <Table.Tr key={row.key}>
                    <Table.Td>
                      {search !== null && mayList ? (
                        <Anchor renderRoot={(props) => <Link to="/contacts" search={search} {...props} />}>
                          {row.name}
                        </Anchor>
                      ) : (
                        row.name
                      )}
                    </Table.Td>
                    {FUNNEL.map((step) => (
                      <Table.Td key={step} ta="end">
                        {formats.number(row[step])}
                      </Table.Td>
                    ))}
                    <Table.Td ta="end">{ratio === null ? '–' : formats.ratio(ratio)}</Table.Td>
                  </Table.Tr>
                )
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  )
}

import { Anchor, Card, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { PresetButton } from './preset-button.tsx'
import { sizesOption } from './sizes.ts'
import { useStrategyText } from './strategy-text.ts'

const OwnSegments = lazy(async () => ({ default: (await import('./own-segments.tsx')).OwnSegments }))

const COLUMNS = ['segment', 'people', 'share', 'response', 'strategy'] as const

const Own = () => (
  <Suspense fallback={<Rows count={2} />}>
    <OwnSegments />
  </Suspense>
)

/** The twelve segments: how many people, how they answer, and how they are written to; and those the tenant made. */
export const Segments = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const strategyText = useStrategyText()
  const counts = useQuery(query(api.analytics.segments, {}))
  const report = useQuery(query(api.segments.report, { query: { days: 30 } }))
  const strategies = useQuery(query(api.strategies.list, {}))
  if (counts.isPending || report.isPending || strategies.isPending) return <Rows />
  for (const asked of [counts, report, strategies])
    if (asked.isError) return <Fault error={asked.error} onRetry={() => void asked.refetch()} />
  if (!counts.data || !report.data || !strategies.data) return <Rows />
  const { contacts, withoutSegment } = counts.data
  const rows = counts.data.segments
    .map(({ segment, held }) => ({
      segment,
      held,
      share: formats.ratio(contacts === 0 ? 0 : held / contacts),
      ratio: report.data.segments.find((row) => row.segment === segment)?.responseRatio ?? null,
      strategy: strategies.data.items.find((row) => row.segment === segment),
    }))
    .toSorted((a, b) => b.held - a.held)
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.segments')}
      </Title>
      <Card withBorder>
        <ChartOrTable
          title={t('segments.sizes')}
          option={sizesOption(
            rows.map(({ segment }) => t(`words:segment.${segment}`)),
            rows.map(({ held }) => held),
          )}
          columns={[t('segments.segment'), t('segments.people')]}
          rows={rows.map(({ segment, held }) => [t(`words:segment.${segment}`), formats.number(held)])}
        />
        <Text size="sm" c="dimmed">
          {t('segments.total', { contacts: formats.number(contacts), without: formats.number(withoutSegment) })}
        </Text>
      </Card>
      <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={720}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map((name) => (
                <Table.Th key={name}>{t(`segments.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ segment, held, share, ratio, strategy }) => (
              <Table.Tr key={segment}>
                <Table.Td>
                  <Anchor renderRoot={(props) => <Link to="/segments/$segment" params={{ segment }} {...props} />}>
                    {t(`words:segment.${segment}`)}
                  </Anchor>
                </Table.Td>
                <Table.Td>
                  <Anchor
                    aria-label={t('segments.peopleOf', { segment: t(`words:segment.${segment}`), people: held })}
                    renderRoot={(props) => <Link to="/contacts" search={{ segment }} {...props} />}
                  >
                    {formats.number(held)}
                  </Anchor>
                </Table.Td>
                <Table.Td>{share}</Table.Td>
                <Table.Td>{ratio === null ? '—' : formats.ratio(ratio)}</Table.Td>
                <Table.Td>{strategy ? strategyText(strategy) : '—'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <PresetButton count={rows.length} />
      <Own />
    </Stack>
  )
}

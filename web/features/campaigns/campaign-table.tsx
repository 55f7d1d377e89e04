import { Anchor, Progress, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { type CampaignRow, leftOf, sentOf, totalOf } from './campaign-figures.ts'
import { StateBadge } from './state-badge.tsx'

const COLUMNS = ['name', 'kind', 'state', 'progress', 'responded', 'clicked', 'created'] as const

export const CampaignTable = ({ rows }: { rows: readonly CampaignRow[] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  return (
    <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={760}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{t(`campaigns.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const total = totalOf(row.counts)
            return (
              <Table.Tr key={row.id}>
                <Table.Td>
                  <Anchor component={Link} to={`/campaigns/${row.id}`}>
                    <bdi>{row.name}</bdi>
                  </Anchor>
                </Table.Td>
                <Table.Td>{t(`words:campaignKind.${row.kind}`)}</Table.Td>
                <Table.Td>
                  <StateBadge state={row.state} />
                </Table.Td>
                <Table.Td miw={140}>
                  {total > 0 && (
                    <>
                      <Text size="sm">
                        {t('campaigns.sentOf', {
                          sent: formats.number(sentOf(row.counts)),
                          total: formats.number(total),
                        })}
                      </Text>
                      <Progress
                        value={((total - leftOf(row.counts)) / total) * 100}
                        aria-label={t('campaigns.progressOf', { name: row.name })}
                      />
                    </>
                  )}
                </Table.Td>
                <Table.Td>{formats.number(row.counts.responded)}</Table.Td>
                <Table.Td>{formats.number(row.counts.clicked)}</Table.Td>
                <Table.Td>{formats.day(row.createdAt)}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

import { Button, Group, Select, Stack, Table, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { DELIVERY_STATES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useReason } from '../../lib/use-reason.ts'
import { WhyNotSent } from './why-not-sent.tsx'

type Recipient = RouteOutput<typeof contract.campaigns.recipients>['items'][number]

const screen = getRouteApi('/campaigns/$id')
const LOOK_AGAIN_MS = 5_000

const nameOf = ({ chatTitle, firstName, lastName, contactId, deliveryId }: Recipient): string =>
  chatTitle ?? ([firstName, lastName].filter(Boolean).join(' ') || `#${contactId ?? deliveryId}`)

const RecipientTable = ({ rows }: { rows: readonly Recipient[] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const mayAsk = useMay('deliveries.view')
  const [asked, ask] = useState<Recipient | null>(null)
  return (
    <>
      <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={720}>
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {['name', 'state', 'reason', 'due', 'sentAt'].map((name) => (
                <Table.Th key={name}>{t(`campaigns.${name}`)}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.deliveryId}>
                <Table.Td>
                  <bdi>{nameOf(row)}</bdi>
                </Table.Td>
                <Table.Td>{t(`words:deliveryState.${row.state}`)}</Table.Td>
                <Table.Td>{row.reason !== null && reasonText(row.reason)}</Table.Td>
                <Table.Td>{formats.instant(row.dueAt)}</Table.Td>
                <Table.Td>{row.sentAt !== null && formats.instant(row.sentAt)}</Table.Td>
                <Table.Td>
                  {mayAsk && row.state !== 'sent' && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={t('campaigns.whyOf', { name: nameOf(row) })}
                      onClick={() => ask(row)}
                    >
                      {t('campaigns.why')}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {asked !== null && <WhyNotSent deliveryId={asked.deliveryId} name={nameOf(asked)} onClose={() => ask(null)} />}
    </>
  )
}

/** Who gets it and how it went with each. */
export const Recipients = ({ id, isRunning }: { id: number; isRunning: boolean }) => {
  const { t } = useTranslation()
  const { people } = screen.useSearch()
  const navigate = screen.useNavigate()
  const pages = useInfiniteQuery({
    queryKey: [api.campaigns.recipients.path, id, people],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.campaigns.recipients,
        { params: { id }, query: { state: people, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: isRunning ? LOOK_AGAIN_MS : false,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <Title order={2} size="h5">
          {t('campaigns.recipients')}
        </Title>
        <Select
          label={t('campaigns.state')}
          placeholder={t('campaigns.all')}
          data={DELIVERY_STATES.map((value) => ({ value, label: t(`words:deliveryState.${value}`) }))}
          value={people ?? null}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, people: DELIVERY_STATES.find((known) => known === value) }),
              replace: true,
            })
          }
          clearable
        />
      </Group>
      {pages.isPending && <Rows count={4} />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState title={t('campaigns.noRecipients')} next={t('campaigns.noRecipientsNext')} />
      )}
      {rows.length > 0 && <RecipientTable rows={rows} />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('campaigns.more')}
        </Button>
      )}
    </Stack>
  )
}

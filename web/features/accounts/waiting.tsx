import { Button, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useReason } from '../../lib/use-reason.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { QueueButton } from './queue-button.tsx'

type WaitingRow = RouteOutput<typeof contract.deliveries.waiting>['items'][number]

const nameOf = ({ chatTitle, firstName, lastName, contactId, id }: WaitingRow): string =>
  chatTitle ?? ([firstName, lastName].filter(Boolean).join(' ') || `#${contactId ?? id}`)

const WaitingTable = ({ rows }: { rows: readonly WaitingRow[] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const mayCancel = useMay('campaigns.start')
  const [asked, ask] = useState<WaitingRow | null>(null)
  return (
    <>
      <Table.ScrollContainer
        minWidth={640}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('queue.single') } }}
      >
        <Table>
          <Table.Thead>
            <Table.Tr>
              {['whom', 'source', 'reason', 'due'].map((name) => (
                <Table.Th key={name}>{t(`queue.${name}`)}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td>
                  <bdi>{nameOf(row)}</bdi>
                </Table.Td>
                <Table.Td>
                  <bdi>{row.campaign ?? t(`words:source.${row.source}`)}</bdi>
                </Table.Td>
                <Table.Td>{row.reason === null ? t('queue.onTime') : reasonText(row.reason)}</Table.Td>
                <Table.Td>{formats.instant(row.dueAt)}</Table.Td>
                <Table.Td>
                  {mayCancel && row.source !== 'order' && (
                    <QueueButton
                      label={t('queue.cancel')}
                      about={t('queue.cancelOf', { name: nameOf(row) })}
                      onPress={() => ask(row)}
                    />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {asked !== null && (
        <Ask
          title={t('queue.cancel')}
          act={t('queue.cancel')}
          color="red.9"
          perform={() => call(api.deliveries.cancel, { params: { id: asked.id } })}
          onClose={() => ask(null)}
        >
          <Text>{t('queue.cancelSure', { name: nameOf(asked) })}</Text>
        </Ask>
      )}
    </>
  )
}

const Pages = () => {
  const { t } = useTranslation()
  const pages = useInfiniteQuery({
    queryKey: [api.deliveries.waiting.path],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.deliveries.waiting, { query: pageParam === null ? {} : { cursor: pageParam } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  if (pages.isPending) return <Rows count={3} />
  if (pages.isError) return <Fault error={pages.error} onRetry={() => void pages.refetch()} />
  return (
    <Stack gap="xs">
      <WaitingTable rows={pages.data.pages.flatMap(({ items }) => items)} />
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('campaigns.more')}
        </Button>
      )}
    </Stack>
  )
}

/** The messages that wait, one by one, for whoever wants to see them. */
export const Waiting = () => {
  const { t } = useTranslation()
  const [isOpen, { toggle }] = useDisclosure(false)
  return (
    <>
      <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={toggle} style={{ alignSelf: 'start' }}>
        {t(isOpen ? 'queue.hideSingle' : 'queue.single')}
      </Button>
      {isOpen && <Pages />}
    </>
  )
}

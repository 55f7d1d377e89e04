import { Badge, Button, Group, Select, Stack, Table, Text, UnstyledButton } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { WEBHOOK_DELIVERY_STATES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Ask } from '../../ui/ask.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { DeliveryDetail, useAnswerText } from './delivery-detail.tsx'
import { type Webhook, type WebhookDelivery, colourOf } from './webhook.ts'

const screen = getRouteApi('/integrations')
const LOOK_AGAIN_MS = 5_000

const kindKey = (kind: string): string => `words:webhookKind.${kind.replace('.', '_')}`

interface LogTableProps {
  readonly rows: readonly WebhookDelivery[]
  readonly webhooks: readonly Webhook[]
  readonly onOpen: (id: number) => void
}

const LogTable = ({ rows, webhooks, onOpen }: LogTableProps) => {
  const { t } = useTranslation()
  const formats = useFormats(useZone())
  const answerText = useAnswerText()
  const nameOf = (id: number) => webhooks.find((webhook) => webhook.id === id)?.name ?? `#${id}`
  return (
    <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={640}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {(['written', 'state', 'kind', 'webhook', 'answer', 'attempts'] as const).map((column) => (
              <Table.Th key={column}>{t(`webhooks.column.${column}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.id} data-delivery={row.id}>
              <Table.Td>
                <UnstyledButton onClick={() => onOpen(row.id)} td="underline" fz="sm">
                  {formats.instant(row.createdAt)}
                </UnstyledButton>
              </Table.Td>
              <Table.Td>
                <Badge color={colourOf(row.state)}>{t(`words:webhookDeliveryState.${row.state}`)}</Badge>
              </Table.Td>
              <Table.Td>{t(kindKey(row.kind))}</Table.Td>
              <Table.Td>
                <bdi>{nameOf(row.endpointId)}</bdi>
              </Table.Td>
              <Table.Td>{answerText(row.last)}</Table.Td>
              <Table.Td>{formats.number(row.attempts)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

const LogFilters = ({ webhooks }: { webhooks: readonly Webhook[] }) => {
  const { t } = useTranslation()
  const navigate = screen.useNavigate()
  const { state, webhook } = screen.useSearch()
  return (
    <>
      <Select
        label={t('webhooks.column.webhook')}
        placeholder={t('webhooks.all')}
        data={webhooks.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={webhook ?? null}
        onChange={(value) =>
          void navigate({ search: (before) => ({ ...before, webhook: value ?? undefined }), replace: true })
        }
        clearable
      />
      <Select
        label={t('webhooks.column.state')}
        placeholder={t('webhooks.all')}
        data={WEBHOOK_DELIVERY_STATES.map((value) => ({ value, label: t(`words:webhookDeliveryState.${value}`) }))}
        value={state ?? null}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, state: WEBHOOK_DELIVERY_STATES.find((known) => known === value) }),
            replace: true,
          })
        }
        clearable
      />
    </>
  )
}

/** What was sent in the last thirty days, newest first, and the way to send it again. */
export const LogPart = () => {
  const { t } = useTranslation()
  const { state, webhook } = screen.useSearch()
  const mayEdit = useMay('webhooks.edit')
  const [opened, open] = useState<number | null>(null)
  const [isAsked, askAll] = useState(false)
  const webhooks = useQuery(query(api.webhooks.list, {})).data?.items ?? []
  const narrowed = { state, ...(webhook !== undefined && { endpoint: Number(webhook) }) }
  const pages = useInfiniteQuery({
    queryKey: [api.webhooks.deliveries.path, narrowed],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.webhooks.deliveries,
        { query: { ...narrowed, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const chosen = webhooks.find(({ id }) => String(id) === webhook)
  const isNarrowed = state !== undefined || webhook !== undefined
  return (
    <Stack>
      <Group align="end">
        <LogFilters webhooks={webhooks} />
        {mayEdit && chosen && chosen.failed > 0 && (
          <Button variant="default" onClick={() => askAll(true)}>
            {t('webhooks.replayAll')}
          </Button>
        )}
      </Group>
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState
          title={t(isNarrowed ? 'webhooks.noneFit' : 'webhooks.logEmpty')}
          next={t(isNarrowed ? 'webhooks.noneFitNext' : 'webhooks.logEmptyNext')}
        />
      )}
      {rows.length > 0 && <LogTable rows={rows} webhooks={webhooks} onOpen={open} />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('webhooks.more')}
        </Button>
      )}
      {opened !== null && <DeliveryDetail id={opened} onClose={() => open(null)} />}
      {isAsked && chosen && (
        <Ask
          title={t('webhooks.replayAll')}
          act={t('webhooks.replayAll')}
          perform={() => call(api.webhooks.replayFailed, { params: { id: chosen.id }, body: { since: 0 } })}
          onClose={() => askAll(false)}
        >
          <Text>{t('webhooks.replayAllSure', { count: chosen.failed, name: chosen.name })}</Text>
        </Ask>
      )}
    </Stack>
  )
}

import { Anchor, Badge, Button, Card, Group, Select, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { TICKET_STATES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

const screen = getRouteApi('/installation/tickets')
const LOOK_AGAIN_MS = 15_000

/** What people asked of support, in the order it wants attention. */
export const Tickets = () => {
  const { t } = useTranslation()
  const { instant } = useFormats(useZone())
  const { state } = screen.useSearch()
  const navigate = screen.useNavigate()
  const pages = useInfiniteQuery({
    queryKey: [api.ticketQueue.list.path, state],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.ticketQueue.list, { query: { state, ...(pageParam !== null && { cursor: pageParam }) } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.tickets')}
      </Title>
      <Select
        label={t('installation.state')}
        placeholder={t('installation.all')}
        data={TICKET_STATES.map((value) => ({ value, label: t(`installation.ticketState.${value}`) }))}
        value={state ?? null}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, state: TICKET_STATES.find((known) => known === value) }),
            replace: true,
          })
        }
        clearable
        maw={260}
      />
      {pages.isPending && <Rows count={4} />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState title={t('installation.noTickets')} next={t('installation.noTicketsNext')} />
      )}
      {rows.map(({ id, subject, tenantName, kind, state: its, isOverdue, firstResponseDueAt, firstResponseAt }) => (
        <Card key={id} withBorder>
          <Group justify="space-between" align="start">
            <div>
              <Anchor component={Link} to={`/installation/tickets/${id}`}>
                <bdi>{subject}</bdi>
              </Anchor>
              <Text size="sm" c="dimmed">
                #{id} · {t(`installation.ticketKind.${kind}`)} · <bdi>{tenantName ?? t('installation.stranger')}</bdi>
                {firstResponseAt === null && ` · ${t('installation.answerBy', { at: instant(firstResponseDueAt) })}`}
              </Text>
            </div>
            <Badge variant="outline" color={isOverdue ? 'red.9' : 'gray.8'} tt="none">
              {isOverdue ? t('installation.late') : t(`installation.ticketState.${its}`)}
            </Badge>
          </Group>
        </Card>
      ))}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('installation.more')}
        </Button>
      )}
    </Stack>
  )
}

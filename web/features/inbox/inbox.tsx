import { Button, Flex, Stack, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { InboxFilters } from './inbox-filters.tsx'
import type { InboxFilter } from './inbox-search.ts'
import { Talk } from './open-talk.tsx'
import { TalkList } from './talk-list.tsx'

const screen = getRouteApi('/inbox')
const LOOK_AGAIN_MS = 5_000
const PAGE = 50

const useTalks = (filter: InboxFilter) =>
  useInfiniteQuery({
    queryKey: [api.conversations.list.path, filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.conversations.list,
        { query: { ...filter, limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })

interface ListPaneProps {
  readonly filter: InboxFilter
  readonly openId: number | null
  readonly onOpen: (id: number) => void
}

const ListPane = ({ filter, openId, onOpen }: ListPaneProps) => {
  const { t } = useTranslation()
  const pages = useTalks(filter)
  const talks = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const isNarrowed = Object.values(filter).some((value) => value !== undefined)
  if (pages.isPending) return <Rows />
  if (pages.isError) return <Fault error={pages.error} onRetry={() => void pages.refetch()} />
  if (talks.length === 0)
    return (
      <EmptyState
        title={t(isNarrowed ? 'inbox.noneFit' : 'inbox.none')}
        next={t(isNarrowed ? 'inbox.noneFitNext' : 'inbox.noneNext')}
      />
    )
  return (
    <Stack gap="xs">
      <TalkList talks={talks} openId={openId} onOpen={onOpen} height="72vh" />
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('inbox.more')}
        </Button>
      )}
    </Stack>
  )
}

/** Conversations beside the one that is open; on a narrow screen one over the other. */
export const Inbox = () => {
  const { t } = useTranslation()
  const isWide = useMediaQuery('(min-width: 900px)', true, { getInitialValueInEffect: false })
  const { tenant: _shown, talk, ...filter } = screen.useSearch()
  const navigate = screen.useNavigate()
  const openId = Number(talk) || null
  const open = (id: number | null) =>
    void navigate({ search: (before) => ({ ...before, talk: id === null ? undefined : String(id) }) })
  const narrow = (part: InboxFilter) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const showsList = isWide || openId === null
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.inbox')}
      </Title>
      {showsList && <InboxFilters filter={filter} onNarrow={narrow} />}
      <Flex gap="lg" align="flex-start">
        {showsList && (
          <div style={{ flex: isWide ? '0 0 320px' : 1, minWidth: 0 }}>
            <ListPane filter={filter} openId={openId} onOpen={open} />
          </div>
        )}
        {openId !== null && (
          <div style={{ flex: 1, minWidth: 0 }}>
            <Talk key={openId} id={openId} onBack={isWide ? null : () => open(null)} />
          </div>
        )}
        {isWide && openId === null && (
          <div style={{ flex: 1 }}>
            <EmptyState title={t('inbox.noTalk')} next={t('inbox.noTalkNext')} />
          </div>
        )}
      </Flex>
    </Stack>
  )
}

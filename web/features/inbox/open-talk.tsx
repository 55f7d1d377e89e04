import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { DraftCard } from './draft-card.tsx'
import { History } from './history.tsx'
import { ReplyBox } from './reply-box.tsx'
import { type TalkPage, nameOf } from './talk.ts'
import { TalkActions } from './talk-actions.tsx'

const LOOK_AGAIN_MS = 3_000
const PAGE = 50

/** Whoever may answer and has it open has read it. */
const useReading = ({ conversation: { id, turn, unreadCount } }: TalkPage, mayReply: boolean): void => {
  const queries = useQueryClient()
  const { mutate } = useMutation({
    mutationFn: (seenTurn: number) => call(api.conversations.read, { params: { id }, body: { seenTurn } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const isUnread = unreadCount > 0 && mayReply
  useEffect(() => {
    if (isUnread) mutate(turn)
  }, [isUnread, turn, mutate])
}

const Standing = ({ page }: { page: TalkPage }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const { conversation, handOverReason, aiPausedUntil, now } = page
  const { state, answerDueAt, snoozedUntil } = conversation
  const lines = [
    conversation.accountName,
    ...(answerDueAt === null ? [] : [t('inbox.dueAt', { at: formats.instant(answerDueAt) })]),
    ...(snoozedUntil === null ? [] : [t('inbox.snoozedUntil', { at: formats.instant(snoozedUntil) })]),
    ...(handOverReason === null
      ? []
      : [t('inbox.handedOverFor', { why: t(`words:handOverReason.${handOverReason}`) })]),
    ...(aiPausedUntil === null || aiPausedUntil <= now
      ? []
      : [t('inbox.aiPaused', { at: formats.instant(aiPausedUntil) })]),
  ]
  return (
    <Group gap="xs">
      <Badge variant="default">{t(`words:conversationState.${state}`)}</Badge>
      {lines.map((line) => (
        <Text key={line} size="sm" c="dimmed">
          <bdi>{line}</bdi>
        </Text>
      ))}
    </Group>
  )
}

interface OpenTalkProps {
  readonly page: TalkPage
  readonly entries: TalkPage['entries']
  readonly onEarlier: (() => void) | null
}

const OpenTalk = ({ page, entries, onEarlier }: OpenTalkProps) => {
  const mayReply = useMay('conversations.reply')
  useReading(page, mayReply)
  const assignees = useQuery(query(api.conversations.listAssignees, {}))
  const members = new Map(assignees.data?.items.map(({ id, name }) => [id, name]))
  const { conversation, draft } = page
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        <bdi>{nameOf(conversation)}</bdi>
      </Title>
      <Standing page={page} />
      {mayReply && <TalkActions page={page} members={members} />}
      <History entries={entries} members={members} height="46vh" onEarlier={onEarlier} />
      {draft && <DraftCard key={draft.id} draft={draft} />}
      {mayReply && <ReplyBox id={conversation.id} turn={conversation.turn} isMain={draft === null} />}
    </Stack>
  )
}

/** One conversation: what was said, the draft that waits, and a box to answer in. */
export const Talk = ({ id, onBack }: { id: number; onBack: (() => void) | null }) => {
  const { t } = useTranslation()
  const pages = useInfiniteQuery({
    queryKey: [api.conversations.get.path, id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.conversations.get,
        { params: { id }, query: { limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })
  const page = pages.data?.pages[0]
  return (
    <Stack gap="sm">
      {onBack && (
        <Button variant="default" size="xs" onClick={onBack} style={{ alignSelf: 'flex-start' }}>
          {t('inbox.back')}
        </Button>
      )}
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {page && (
        <OpenTalk
          page={page}
          entries={pages.data?.pages.flatMap(({ entries }) => entries) ?? []}
          onEarlier={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
        />
      )}
    </Stack>
  )
}

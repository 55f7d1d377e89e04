import { Badge, Button, Card, Group, Stack, Switch, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useReason } from '../../lib/use-reason.ts'
import { Ask } from '../../ui/ask.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Note } from '../../ui/note.tsx'
import { Rows } from '../../ui/rows.tsx'
import { TelegramText } from '../../ui/telegram-text.tsx'
import { UsageBars } from '../../ui/usage-bars.tsx'
import { PostForm } from './post-form.tsx'
import { useScheduleText } from './use-schedule-text.ts'

type Listed = RouteOutput<typeof api.posts.list>
type Post = Listed['items'][number]

const COLOURS: Readonly<Record<Post['state'], string>> = { active: 'teal.9', paused: 'orange.9', ended: 'gray.7' }

/** What became of the newest time of a post, with the reason where nothing went out. */
const LastRun = ({ post: { runs } }: { post: Post }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reason = useReason()
  const [last] = runs
  if (!last) return null
  const state = last.state === null ? t('posts.notPosted') : t(`words:deliveryState.${last.state}`)
  return (
    <Text size="sm" c="dimmed">
      {t('posts.last', { at: formats.instant(last.slotAt), state })}
      {last.reason !== null && ` · ${reason(last.reason)}`}
    </Text>
  )
}

const PostCard = ({ post, account, onCancel }: { post: Post; account: string; onCancel: () => void }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reason = useReason()
  const scheduleText = useScheduleText()
  const queries = useQueryClient()
  const mayPlan = useMay('campaigns.start')
  const wanted = post.state === 'active' ? 'pause' : 'resume'
  const turn = useMutation({
    mutationFn: () => call(api.posts[wanted], { params: { id: post.id } }),
    onError: (error) => notifications.show({ message: error.message, color: 'red' }),
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Card withBorder data-post={post.id}>
      <Stack gap="xs">
        <Group gap="xs">
          <Text fw={600}>
            <bdi>{post.name}</bdi>
          </Text>
          <Badge color={COLOURS[post.state]}>{t(`words:groupPostState.${post.state}`)}</Badge>
          {post.pauseReason !== null && (
            <Text size="sm">
              {t(`words:groupPostFault.${post.pauseReason}`, { defaultValue: reason(post.pauseReason) })}
            </Text>
          )}
        </Group>
        <Text size="sm">
          {scheduleText(post.schedule)} · <bdi>{account}</bdi>
          {post.pins && ` · ${t('posts.pinned')}`}
        </Text>
        {'text' in post.content && (
          <Text size="sm" c="dimmed" lineClamp={2}>
            <bdi>
              <TelegramText html={post.content.text} />
            </bdi>
          </Text>
        )}
        {post.upcoming.length > 0 && (
          <Text size="sm" data-testid="upcoming">
            {t('posts.upcoming', { times: post.upcoming.map((at) => formats.instant(at)).join(' · ') })}
          </Text>
        )}
        <LastRun post={post} />
        {mayPlan && (
          <Group gap="xs">
            {post.state !== 'ended' && (
              <Button size="compact-sm" variant="default" loading={turn.isPending} onClick={() => turn.mutate()}>
                {t(`posts.${wanted}`)}
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={onCancel}>
              {t('posts.cancel')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}

/** Whether posts go out here at all, and what holds them back where they do not. */
const PostingSwitch = ({ chatId, listed }: { chatId: number; listed: Listed }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayTurn = useMay('settings.edit')
  const { isOn, accounts } = listed
  const installed = accounts.find(({ isInstalled }) => isInstalled)
  const turn = useMutation({
    mutationFn: (wanted: boolean) => {
      const accountId = (installed ?? accounts[0])?.id
      const body = { isOn: wanted, ...(accountId !== undefined && { accountId }) }
      return call(api.posts.turn, { params: { id: chatId }, body })
    },
    onSettled: () => queries.invalidateQueries(),
  })
  return (
    <Stack gap="xs">
      <Switch
        label={t('posts.isOn')}
        checked={isOn}
        disabled={!mayTurn || turn.isPending}
        onChange={(event) => turn.mutate(event.currentTarget.checked)}
      />
      {turn.isError && <Fault error={turn.error} />}
      {!isOn && listed.items.length > 0 && (
        <Note color="orange" mb={0}>
          {t('posts.offText')}
        </Note>
      )}
      {!installed && (
        <Note color="orange" mb={0}>
          {t(accounts.length === 0 ? 'posts.nobodyThere' : 'posts.notInstalled')}
        </Note>
      )}
    </Stack>
  )
}

const Listing = ({ chatId, listed }: { chatId: number; listed: Listed }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayPlan = useMay('campaigns.start')
  const [isPlanning, plan] = useState(false)
  const [cancelled, cancel] = useState<Post | null>(null)
  const { items, accounts, pauseSeconds, usage } = listed
  const nameOf = (id: number) => accounts.find((account) => account.id === id)?.name ?? String(id)
  return (
    <>
      <PostingSwitch chatId={chatId} listed={listed} />
      <Text size="sm" c="dimmed">
        {t('posts.pauseText', { minutes: formats.number(Math.ceil(pauseSeconds / 60)) })}
      </Text>
      <UsageBars usage={usage} formats={formats} now={session.now} />
      {items.length === 0 && <EmptyState title={t('posts.none')} next={t('posts.noneNext')} />}
      {items.map((post) => (
        <PostCard key={post.id} post={post} account={nameOf(post.accountId)} onCancel={() => cancel(post)} />
      ))}
      {mayPlan && accounts.length > 0 && (
        <Group>
          <Button onClick={() => plan(true)}>{t('posts.new')}</Button>
        </Group>
      )}
      {isPlanning && <PostForm chatId={chatId} accounts={accounts} onClose={() => plan(false)} />}
      {cancelled && (
        <Ask
          title={t('posts.cancel')}
          act={t('posts.cancel')}
          color="red"
          perform={() => call(api.posts.cancel, { params: { id: cancelled.id } })}
          onClose={() => cancel(null)}
        >
          <Text>{t('posts.cancelSure', { name: cancelled.name })}</Text>
        </Ask>
      )}
    </>
  )
}

/** Posts by schedule into a group: what comes, what became of the last, and a new one. */
export const GroupPosts = ({ chatId }: { chatId: number }) => {
  const { t } = useTranslation()
  const posts = useQuery(query(api.posts.list, { params: { id: chatId } }))
  return (
    <Card withBorder component="section" aria-label={t('posts.title')}>
      <Stack>
        <Title order={2} size="h5">
          {t('posts.title')}
        </Title>
        {posts.isPending && <Rows count={3} />}
        {posts.isError && <Fault error={posts.error} onRetry={() => void posts.refetch()} />}
        {posts.isSuccess && <Listing chatId={chatId} listed={posts.data} />}
      </Stack>
    </Card>
  )
}

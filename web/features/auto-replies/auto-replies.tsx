import { Anchor, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Note } from '../../ui/note.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ReplyCard } from './reply-card.tsx'
import type { Replies } from './replies.ts'

const LOOK_AGAIN_MS = 15_000

/** An account waits for a model that nobody set. */
const ModelMissing = ({ replies: { items, model } }: { replies: Replies }) => {
  const { t } = useTranslation()
  const isNeeded = items.some(({ settings }) => settings.replyMode.value !== 'manual')
  if (model !== 'off' || !isNeeded) return null
  return (
    <Note color="orange" title={t('autoReplies.noModel')}>
      <Text size="sm">{t('autoReplies.noModelText')}</Text>
      <Anchor size="sm" renderRoot={(props) => <Link to="/settings" search={{ part: 'model' }} {...props} />}>
        {t('autoReplies.toModel')}
      </Anchor>
    </Note>
  )
}

/** How each account answers by itself: its mode, who it is, and what else is set. */
export const AutoReplies = () => {
  const { t } = useTranslation()
  const replies = useQuery({ ...query(api.replies.list, {}), refetchInterval: LOOK_AGAIN_MS })
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h3">
          {t('screens.autoReplies')}
        </Title>
        <Text c="dimmed">{t('autoReplies.text')}</Text>
      </div>
      {replies.isPending && <Rows />}
      {replies.isError && <Fault error={replies.error} onRetry={() => void replies.refetch()} />}
      {replies.isSuccess && (
        <>
          <ModelMissing replies={replies.data} />
          {replies.data.items.length === 0 && (
            <EmptyState title={t('autoReplies.none')} next={t('autoReplies.noneNext')} />
          )}
          {replies.data.items.map((item) => (
            <ReplyCard key={item.account.id} replies={item} model={replies.data.model} />
          ))}
        </>
      )}
    </Stack>
  )
}

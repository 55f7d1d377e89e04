import { ActionIcon, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { Pencil1Icon, TrashIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { Ask } from '../../ui/ask.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { type SavedReply, SavedReplyForm } from './saved-reply-form.tsx'

interface ListProps {
  readonly onEdit: (reply: SavedReply) => void
  readonly onRemove: (reply: SavedReply) => void
}

const ReplyList = ({ onEdit, onRemove }: ListProps) => {
  const { t, i18n } = useTranslation()
  const replies = useQuery(query(api.savedReplies.list, {}))
  if (replies.isPending) return <Rows count={3} />
  if (replies.isError) return <Fault error={replies.error} onRetry={() => void replies.refetch()} />
  const { items } = replies.data
  if (items.length === 0) return <EmptyState title={t('savedReplies.none')} next={t('savedReplies.noneNext')} />
  const textOf = ({ texts }: SavedReply) =>
    [i18n.language, ...LOCALES].flatMap((wanted) => LOCALES.filter((locale) => locale === wanted).map((l) => texts[l]))
  return items.map((reply) => (
    <Group key={reply.id} justify="space-between" wrap="nowrap" data-reply={reply.name}>
      <Stack gap={0} miw={0}>
        <Text fw={600} truncate>
          <bdi>{reply.name}</bdi>
        </Text>
        <Text size="sm" c="dimmed" lineClamp={2} dir="auto">
          {textOf(reply).find((text) => text !== undefined)}
        </Text>
      </Stack>
      <Group gap={4} wrap="nowrap">
        <ActionIcon
          variant="default"
          aria-label={t('savedReplies.edit', { name: reply.name })}
          onClick={() => onEdit(reply)}
        >
          <Pencil1Icon aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="default"
          aria-label={t('savedReplies.remove', { name: reply.name })}
          onClick={() => onRemove(reply)}
        >
          <TrashIcon aria-hidden />
        </ActionIcon>
      </Group>
    </Group>
  ))
}

/** Saved replies to write, change and remove; what stands in the reply box can become one. */
export const SavedReplies = ({ typed, onClose }: { typed: string; onClose: () => void }) => {
  const { t, i18n } = useTranslation()
  const [edited, edit] = useState<{ reply: SavedReply | null; texts: SavedReply['texts'] } | null>(null)
  const [removed, remove] = useState<SavedReply | null>(null)
  const own = LOCALES.find((locale) => locale === i18n.language) ?? 'tr'
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('savedReplies.title')}
      closeButtonProps={{ 'aria-label': t('state.dismiss') }}
      size="lg"
    >
      {edited ? (
        <SavedReplyForm reply={edited.reply} initialTexts={edited.texts} onDone={() => edit(null)} />
      ) : (
        <Stack>
          <ReplyList onEdit={(reply) => edit({ reply, texts: reply.texts })} onRemove={remove} />
          <Group>
            <Button onClick={() => edit({ reply: null, texts: {} })}>{t('savedReplies.new')}</Button>
            {typed.trim() !== '' && (
              <Button variant="default" onClick={() => edit({ reply: null, texts: { [own]: typed } })}>
                {t('savedReplies.keepThis')}
              </Button>
            )}
          </Group>
        </Stack>
      )}
      {removed && (
        <Ask
          title={t('savedReplies.removeTitle')}
          act={t('savedReplies.removeTitle')}
          color="red"
          perform={() => call(api.savedReplies.remove, { params: { name: removed.name } })}
          onClose={() => remove(null)}
        >
          <Text>{t('savedReplies.removeSure', { name: removed.name })}</Text>
        </Ask>
      )}
    </Modal>
  )
}

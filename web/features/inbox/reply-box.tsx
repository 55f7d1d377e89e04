import { ActionIcon, Button, Group, SegmentedControl, Select, Stack, Textarea } from '@mantine/core'
import { getHotkeyHandler } from '@mantine/hooks'
import { Pencil2Icon } from '@radix-ui/react-icons'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { Moved } from './moved.tsx'
import { SavedReplies } from './saved-replies.tsx'

/** What was typed and not sent, by conversation: looking at another one loses nothing. */
const unsent = new Map<number, string>()

/** Saved replies to choose from, and the way to write and change them. */
const SavedChoice = ({ typed, onUse }: { typed: string; onUse: (name: string) => void }) => {
  const { t } = useTranslation()
  const [isManaging, setManaging] = useState(false)
  const saved = useQuery(query(api.savedReplies.list, {}))
  const names = saved.data?.items.map(({ name }) => name) ?? []
  return (
    <Group gap={4} wrap="nowrap">
      {names.length > 0 && (
        <Select
          size="xs"
          aria-label={t('inbox.saved')}
          placeholder={t('inbox.saved')}
          data={names}
          value={null}
          onChange={(name) => name !== null && onUse(name)}
          searchable
        />
      )}
      <ActionIcon variant="default" size={30} aria-label={t('savedReplies.manage')} onClick={() => setManaging(true)}>
        <Pencil2Icon aria-hidden />
      </ActionIcon>
      {isManaging && <SavedReplies typed={typed} onClose={() => setManaging(false)} />}
    </Group>
  )
}

interface ReplyBoxProps {
  readonly id: number
  readonly turn: number
  /** A draft that waits has the screen's main button. */
  readonly isMain: boolean
}

/** Answers the contact, or leaves a note for colleagues. */
export const ReplyBox = ({ id, turn, isMain }: ReplyBoxProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [text, setText] = useState(unsent.get(id) ?? '')
  const [kind, setKind] = useState('reply')
  const type = (words: string) => {
    unsent.set(id, words)
    setText(words)
  }
  const use = useMutation({
    mutationFn: (name: string) => call(api.conversations.renderSavedReply, { params: { id, name } }),
    onSuccess: (reply) => type(reply.text),
  })
  const sent = useMutation({
    mutationFn: async (isSure: boolean) => {
      if (kind === 'note') await call(api.conversations.note, { params: { id }, body: { text } })
      else
        await call(api.conversations.reply, {
          params: { id },
          body: { text, seenTurn: turn, ...(isSure && { isSure }) },
        })
    },
    onSuccess: () => type(''),
    onSettled: () => queries.invalidateQueries(),
  })
  const send = () => {
    if (text.trim() !== '' && !sent.isPending) sent.mutate(false)
  }
  return (
    <Stack gap="xs">
      {sent.isError && <Moved error={sent.error} onSure={() => sent.mutate(true)} />}
      {use.isError && <Moved error={use.error} onSure={() => use.reset()} />}
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label={t('inbox.kind')}
          value={kind}
          onChange={setKind}
          data={['reply', 'note'].map((value) => ({ value, label: t(`inbox.${value}`) }))}
        />
        {kind === 'reply' && <SavedChoice typed={text} onUse={(name) => use.mutate(name)} />}
      </Group>
      <Textarea
        label={t(`inbox.${kind}Label`)}
        description={t('inbox.sendHint')}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={getHotkeyHandler([['mod+Enter', send]])}
        dir="auto"
        autosize
        minRows={2}
        maxRows={8}
      />
      <Group justify="flex-end">
        <Button
          variant={isMain ? 'filled' : 'default'}
          loading={sent.isPending}
          disabled={text.trim() === ''}
          onClick={send}
        >
          {t(kind === 'note' ? 'inbox.leaveNote' : 'inbox.send')}
        </Button>
      </Group>
    </Stack>
  )
}

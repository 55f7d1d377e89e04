import { Button, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useWhose } from '../../lib/whose.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

const NOTE_MAX = 4_000

/** What members wrote about the person; nobody else sees it. */
export const ContactNotes = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const whose = useWhose()
  const queries = useQueryClient()
  const mayEdit = useMay('contacts.edit')
  const [text, setText] = useState('')
  const notes = useQuery(query(api.contacts.listNotes, { params: { id } }))
  const add = useMutation({
    mutationFn: () => call(api.contacts.addNote, { params: { id }, body: { text } }),
    onSuccess: () => {
      setText('')
      return queries.invalidateQueries()
    },
  })
  return (
    <Stack gap="sm">
      {mayEdit && (
        <>
          <Textarea
            label={t('contact.newNote')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            maxLength={NOTE_MAX}
            autosize
          />
          <Button
            style={{ alignSelf: 'start' }}
            disabled={text.trim() === ''}
            loading={add.isPending}
            onClick={() => add.mutate()}
          >
            {t('contact.addNote')}
          </Button>
          {add.isError && <Fault error={add.error} />}
        </>
      )}
      {notes.isPending && <Rows count={2} />}
      {notes.isError && <Fault error={notes.error} onRetry={() => void notes.refetch()} />}
      {notes.data?.items.length === 0 && <Text c="dimmed">{t('contact.noNotes')}</Text>}
      {notes.data?.items.map((note) => (
        <div key={note.id}>
          <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            <bdi>{note.text}</bdi>
          </Text>
          <Text size="sm" c="dimmed">
            {t('contact.noteBy', { at: formats.instant(note.at), who: whose(note.writtenBy) })}
          </Text>
        </div>
      ))}
    </Stack>
  )
}

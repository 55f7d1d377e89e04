import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { type Persona, type PersonaDraft, differences, draftOf } from './persona-draft.ts'

const TYPING_MS = 300

/** What keeps the draft from being saved, looked at once nobody types for a moment. */
const useFaults = (draft: PersonaDraft) => {
  const [asked] = useDebouncedValue(draft, TYPING_MS)
  const checked = useQuery({
    queryKey: [api.personas.check.path, asked],
    queryFn: ({ signal }) => call(api.personas.check, { body: asked }, signal),
    placeholderData: keepPreviousData,
  })
  return checked.data?.faults ?? []
}

/** The form's text, what of it is saved, what is wrong with it, and how it is saved. */
export const usePersonaSaving = (stored: Persona) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(stored))
  const [saved, setSaved] = useState(stored)
  const isChanged = differences(draft, saved).length > 0
  const isUnsaved = useRef(false)
  useEffect(() => {
    isUnsaved.current = isChanged
  }, [isChanged])
  const take = (persona: Persona) => {
    setDraft(draftOf(persona))
    setSaved(persona)
  }
  const save = useMutation({
    mutationFn: (before: Persona) =>
      call(api.personas.update, {
        params: { id: before.accountId },
        body: { ...draft, expectedVersion: before.version },
      }),
    onSuccess: async (persona) => {
      // What was typed while it was being saved stays.
      setDraft((now) => (now === draft ? draftOf(persona) : now))
      setSaved(persona)
      notifications.show({ message: t('persona.saved'), color: 'teal.9' })
      await queries.invalidateQueries()
    },
  })
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const found = useFaults(draft)
  const change = (part: Partial<PersonaDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { draft, saved, isChanged, isUnsaved, save, problem, found, change, take }
}

import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { type Rule, type RuleDraft, draftOf, isSame } from './rule-draft.ts'

interface Editing {
  readonly accountId: number
  readonly initial: RuleDraft
  readonly stored: Rule | null
  readonly onSaved: () => void
}

/** The form's rule, whether something of it is unsaved, and how it is saved. */
export const useRuleSaving = ({ accountId, initial, stored, onSaved }: Editing) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(initial)
  const [saved, setSaved] = useState(stored)
  const isUnsaved = useRef(false)
  const isChanged = !isSame(draft, saved === null ? initial : draftOf(saved))
  useEffect(() => {
    isUnsaved.current = isChanged
  }, [isChanged])
  const save = useMutation({
    mutationFn: (over: Rule | null) => {
      const before = over ?? saved
      return before === null
        ? call(api.rules.create, { body: { ...draft, accountId } })
        : call(api.rules.update, { params: { id: before.id }, body: { ...draft, expectedVersion: before.version } })
    },
    onSuccess: async () => {
      isUnsaved.current = false
      notifications.show({ message: t('rules.saved'), color: 'teal.9' })
      await queries.invalidateQueries()
      onSaved()
    },
  })
  const take = (theirs: Rule) => {
    save.reset()
    setSaved(theirs)
    setDraft(draftOf(theirs))
  }
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const change = (part: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { draft, saved, isChanged, isUnsaved, save, problem, change, take }
}

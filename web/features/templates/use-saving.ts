import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { type Template, type TemplateDraft, draftOf, isSame } from './template-draft.ts'

/** The form's text, what of it is saved, and how it is saved and approved. */
export const useSaving = (initial: TemplateDraft, stored: Template | null, onSaved: (template: Template) => void) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(initial)
  const [saved, setSaved] = useState(stored)
  const isChanged = saved === null ? !isSame(draft, initial) : !isSame(draft, draftOf(saved))
  const isUnsaved = useRef(false)
  useEffect(() => {
    isUnsaved.current = isChanged
  }, [isChanged])
  const take = (template: Template) => {
    setDraft(draftOf(template))
    setSaved(template)
  }
  /** What was typed while it was being saved stays. */
  const settle = (template: Template) => {
    setDraft((now) => (isSame(now, draft) ? draftOf(template) : now))
    setSaved(template)
  }
  const save = useMutation({
    mutationFn: async ({ thenApprove, over }: { thenApprove: boolean; over?: Template }) => {
      const before = over ?? saved
      const written = await (before === null
        ? call(api.templates.create, { body: draft })
        : isSame(draft, draftOf(before))
          ? Promise.resolve(before)
          : call(api.templates.update, {
              params: { id: before.id },
              body: { ...draft, expectedVersion: before.version },
            }))
      // What is saved stays saved, even where it cannot be approved yet.
      settle(written)
      if (!thenApprove) return written
      const approved = await call(api.templates.approve, { params: { id: written.id } })
      settle(approved)
      return approved
    },
    onSuccess: async (template) => {
      notifications.show({
        message: t(template.state === 'approved' ? 'templates.savedApproved' : 'templates.saved'),
        color: 'teal.9',
      })
      // The screen of the new message follows, before this one has looked again.
      if (stored === null) isUnsaved.current = false
      onSaved(template)
      await queries.invalidateQueries()
    },
  })
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const change = (part: Partial<TemplateDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { draft, saved, isChanged, isUnsaved, save, problem, change, take }
}

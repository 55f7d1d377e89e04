import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { type WizardDraft, outlineOf, settingsOf } from './wizard-draft.ts'

export type Finish = 'save' | 'start' | 'submit'

interface FinishProps {
  readonly draft: WizardDraft
  readonly onStored: (stored: WizardDraft['stored']) => void
  readonly onDone: (id: number) => void
  readonly onRefused: (field: string) => void
}

const versionOf = async (id: number): Promise<string> => (await call(api.campaigns.get, { params: { id } })).version

/**
 * Stores the campaign, once, and starts it or puts it up for approval if that is wanted. What was stored before something
 * was refused stays stored: the next try goes on with it. `over` stores it whatever somebody else made of it meanwhile.
 */
export const useFinish = ({ draft, onStored, onDone, onRefused }: FinishProps) => {
  const queries = useQueryClient()
  const { tenant } = usePanelSession()
  const isBusy = useRef(false)
  const finish = useMutation({
    mutationFn: async ({ act, over = false }: { act: Finish; over?: boolean }) => {
      const outline = outlineOf(draft, tenant.timeZone)
      if (outline === null) throw new Error('finished before an account was chosen')
      const body = settingsOf(draft, outline)
      const { stored } = draft
      const { id } =
        stored === null
          ? await call(api.campaigns.create, { body })
          : await call(api.campaigns.update, {
              params: { id: stored.id },
              body: { ...body, expectedVersion: over ? await versionOf(stored.id) : stored.version },
            })
      if (act === 'save') return id
      onStored({ id, version: await versionOf(id) })
      await call(api.campaigns[act], { params: { id } })
      return id
    },
    onSuccess: async (id) => {
      onDone(id)
      await queries.invalidateQueries()
    },
    onError: (error) => {
      if (error instanceof ApiError && error.problem.field !== undefined) onRefused(error.problem.field)
    },
    onSettled: () => {
      isBusy.current = false
    },
  })
  /** A second press while the first is on its way does nothing. */
  const perform = (act: Finish, over = false) => {
    if (isBusy.current) return
    isBusy.current = true
    finish.mutate({ act, over })
  }
  const problem = finish.error instanceof ApiError ? finish.error.problem : null
  return { finish, perform, problem }
}

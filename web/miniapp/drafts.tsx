import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { ApiError, call } from '../api/client.ts'
import { api, query } from '../api/queries.ts'
import { useMay } from '../api/session.tsx'
import { t } from './language.ts'
import { Empty, Fault, Waiting } from './parts.tsx'
import { feel } from './telegram.ts'
import { useFormats } from './use-formats.ts'

type Draft = RouteOutput<typeof contract.drafts.list>['items'][number]
type Decision = 'approve' | 'reject' | { readonly text: string }

const LOOK_AGAIN_MS = 10_000

const decide = (id: number, decision: Decision, isSure: boolean) => {
  const params = { id }
  if (decision === 'reject') return call(api.drafts.reject, { params })
  const sure = isSure ? { isSure } : {}
  return decision === 'approve'
    ? call(api.drafts.approve, { params, body: sure })
    : call(api.drafts.edit, { params, body: { text: decision.text, ...sure } })
}

/** The talk went on meanwhile: what was decided can be sent all the same. */
const isMoved = (error: Error): boolean => error instanceof ApiError && error.problem.code === 'conversation_moved'

interface ActsProps {
  readonly draft: Draft
  readonly edited: string | null
  readonly isBusy: boolean
  readonly onEdit: () => void
  readonly onDecide: (decision: Decision) => void
}

/** What can be done about a draft; the first is what is usually wanted. */
const Acts = ({ draft, edited, isBusy, onEdit, onDecide }: ActsProps) => (
  <div className="row">
    {edited !== null && (
      <button
        type="button"
        className="main"
        disabled={isBusy || edited.trim() === ''}
        onClick={() => onDecide({ text: edited })}
      >
        {t('drafts.sendCorrected')}
      </button>
    )}
    {edited === null && draft.isApprovable && (
      <button type="button" className="main" disabled={isBusy} onClick={() => onDecide('approve')}>
        {t('drafts.approve')}
      </button>
    )}
    {edited === null && (
      <button type="button" disabled={isBusy} onClick={onEdit}>
        {t('drafts.edit')}
      </button>
    )}
    <button type="button" disabled={isBusy} onClick={() => onDecide('reject')}>
      {t('drafts.reject')}
    </button>
  </div>
)

/** Whom it answers, and what they said last. */
const Asked = ({ draft: { firstName, lastName, contactId, lastText } }: { draft: Draft }) => {
  const name = [firstName, lastName].filter((part) => part !== null && part !== '').join(' ')
  return (
    <>
      <h2>
        <bdi>{name === '' ? t('drafts.somebody', { id: contactId }) : name}</bdi>
      </h2>
      {lastText !== null && (
        <blockquote dir="auto" className="soft">
          {lastText}
        </blockquote>
      )}
    </>
  )
}

/** How sure the model is, and what was found against its words. */
const Doubts = ({ draft: { findings, confidenceRatio, isApprovable } }: { draft: Draft }) => {
  const { ratio } = useFormats()
  return (
    <>
      {findings.length > 0 && (
        <ul className="findings">
          {findings.map((finding) => (
            <li key={finding}>{t(`words:answerFinding.${finding}`)}</li>
          ))}
        </ul>
      )}
      <small className="soft">
        {t('drafts.confidence', { ratio: ratio(confidenceRatio) })}
        {!isApprovable && ` · ${t('drafts.correctFirst')}`}
      </small>
    </>
  )
}

const useDecision = (draft: Draft) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ decision, isSure = false }: { decision: Decision; isSure?: boolean }) =>
      decide(draft.id, decision, isSure),
    onSuccess: () => feel('success'),
    onError: () => feel('error'),
    onSettled: (_answer, error) => (error && isMoved(error) ? undefined : queries.invalidateQueries()),
  })
}

const DraftCard = ({ draft }: { draft: Draft }) => {
  const mayReply = useMay('conversations.reply')
  const [edited, edit] = useState<string | null>(null)
  const decided = useDecision(draft)
  return (
    <li className="card" aria-busy={decided.isPending}>
      <Asked draft={draft} />
      {edited === null ? (
        <p dir="auto" className="said">
          {draft.text ?? t('drafts.textGone')}
        </p>
      ) : (
        <label>
          {t('drafts.corrected')}
          <textarea dir="auto" rows={4} value={edited} onChange={({ currentTarget }) => edit(currentTarget.value)} />
        </label>
      )}
      <Doubts draft={draft} />
      {decided.isError && <Fault error={decided.error} />}
      {decided.isError && isMoved(decided.error) && (
        <button type="button" onClick={() => decided.mutate({ decision: decided.variables.decision, isSure: true })}>
          {t('drafts.sendAnyway')}
        </button>
      )}
      {mayReply && (
        <Acts
          draft={draft}
          edited={edited}
          isBusy={decided.isPending}
          onEdit={() => edit(draft.text ?? '')}
          onDecide={(decision) => decided.mutate({ decision })}
        />
      )}
    </li>
  )
}

/** M3: what a model would answer, to send, correct or throw away. */
export const Drafts = () => {
  const drafts = useQuery({ ...query(api.drafts.list, { query: { limit: 20 } }), refetchInterval: LOOK_AGAIN_MS })
  const rows = drafts.data?.items ?? []
  return (
    <>
      <h1>{t('screens.drafts')}</h1>
      {drafts.isPending && <Waiting />}
      {drafts.isError && <Fault error={drafts.error} onRetry={() => void drafts.refetch()} />}
      {drafts.isSuccess && rows.length === 0 && <Empty title={t('drafts.none')} next={t('drafts.noneNext')} />}
      <ul>
        {rows.map((draft) => (
          <DraftCard key={draft.id} draft={draft} />
        ))}
      </ul>
    </>
  )
}

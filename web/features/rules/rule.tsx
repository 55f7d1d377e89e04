import { useQuery } from '@tanstack/react-query'
import { Navigate, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { draftOf, emptyDraft } from './rule-draft.ts'
import { RuleEditor } from './rule-editor.tsx'

const fresh = getRouteApi('/rules/new')
const stored = getRouteApi('/rules/$id')

/** A rule nobody wrote yet, of the account the address names. */
export const NewRule = () => {
  const { i18n } = useTranslation()
  const { account } = fresh.useSearch()
  const locale = LOCALES.find((known) => known === i18n.language) ?? 'tr'
  if (account === undefined) return <Navigate to="/rules" search={({ tenant }) => ({ tenant, account: undefined })} />
  return <RuleEditor accountId={Number(account)} initial={emptyDraft(locale)} stored={null} />
}

/** One rule, to read or to change. What somebody else saves meanwhile does not disturb whoever is writing here. */
export const RulePage = () => {
  const id = Number(stored.useParams().id)
  const rule = useQuery({ ...query(api.rules.get, { params: { id } }), staleTime: 0 })
  // An older answer that is still known would be overtaken before anything is typed.
  if (rule.isPending || !rule.isFetchedAfterMount) return <Rows />
  if (rule.isError) return <Fault error={rule.error} onRetry={() => void rule.refetch()} />
  const { rule: found } = rule.data
  return <RuleEditor key={id} accountId={found.accountId} initial={draftOf(found)} stored={found} />
}

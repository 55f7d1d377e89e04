import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { draftOf, emptyDraft } from './template-draft.ts'
import { TemplateEditor } from './template-editor.tsx'

const stored = getRouteApi('/templates/$id')
const fresh = getRouteApi('/templates/new')

/** A message nobody wrote yet. */
export const NewTemplate = () => {
  const { i18n } = useTranslation()
  const { campaign } = fresh.useSearch()
  const locale = LOCALES.find((known) => known === i18n.language) ?? 'tr'
  return <TemplateEditor initial={emptyDraft(locale)} stored={null} campaign={campaign} />
}

/** One message, to read or to change. What somebody else saves meanwhile does not disturb whoever is writing here. */
export const Template = () => {
  const id = Number(stored.useParams().id)
  const { campaign } = stored.useSearch()
  const template = useQuery({ ...query(api.templates.get, { params: { id } }), staleTime: 0 })
  // An older answer that is still known would be overtaken before anything is typed.
  if (template.isPending || !template.isFetchedAfterMount) return <Rows />
  if (template.isError) return <Fault error={template.error} onRetry={() => void template.refetch()} />
  return <TemplateEditor key={id} initial={draftOf(template.data)} stored={template.data} campaign={campaign} />
}

import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import type { TemplateDraft } from './template-draft.ts'

const TYPING_MS = 300

/** What people would get of the draft as it is typed, and what is wrong with it; asked once nobody types for a moment. */
export const usePreview = ({ messageClass, slotBriefs, variants }: TemplateDraft) => {
  const [wording] = useDebouncedValue({ messageClass, slotBriefs, variants }, TYPING_MS)
  return useQuery({
    queryKey: [api.templates.preview.path, wording],
    queryFn: ({ signal }) => call(api.templates.preview, { body: wording }, signal),
    placeholderData: keepPreviousData,
  })
}

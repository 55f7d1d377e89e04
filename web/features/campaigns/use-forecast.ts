import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { type WizardDraft, outlineOf } from './wizard-draft.ts'

const TYPING_MS = 300

/** Whom the campaign in the making would reach, as it is changed; nothing before an account is chosen. */
export const useForecast = (draft: WizardDraft, { withMessage }: { readonly withMessage: boolean }) => {
  const { tenant } = usePanelSession()
  const full = outlineOf(draft, tenant.timeZone)
  const wanted = full === null || withMessage ? full : { ...full, steps: [], startsAt: null, endsAt: null }
  const [key] = useDebouncedValue(JSON.stringify(wanted), TYPING_MS)
  const outline = JSON.parse(key) as typeof wanted
  return useQuery({
    queryKey: [api.campaigns.forecast.path, outline],
    queryFn: ({ signal }) => {
      if (outline === null) throw new Error('asked before an account was chosen')
      return call(api.campaigns.forecast, { body: outline }, signal)
    },
    enabled: outline !== null,
    placeholderData: keepPreviousData,
  })
}

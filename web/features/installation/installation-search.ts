import { TICKET_STATES } from '#contract/words.ts'

import { type Search, textIn, wordIn } from '../../lib/search.ts'

/** What the lists of the installation are narrowed to, as the address says it. */
export const tenantsSearch = (search: Search) => ({ search: textIn(search, 'search') })

export const paymentsSearch = (search: Search) => ({ which: wordIn(search, 'which', ['waiting', 'all'] as const) })

export const ERROR_CATEGORIES = ['fault', 'message', 'update', 'event'] as const
export const ERRORS_WHICH = ['open', 'ended', 'all'] as const
export const errorsSearch = (search: Search) => ({ which: wordIn(search, 'which', ERRORS_WHICH) })

export const ticketsSearch = (search: Search) => ({ state: wordIn(search, 'state', TICKET_STATES) })

const numberIn = (search: Search, name: string): number | undefined => {
  const value = Number(textIn(search, name))
  return Number.isSafeInteger(value) && value > 0 ? value : undefined
}

export const auditSearch = (search: Search) => ({
  actor: textIn(search, 'actor'),
  action: textIn(search, 'action'),
  tenantId: numberIn(search, 'tenantId'),
})

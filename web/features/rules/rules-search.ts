import { type Search, textIn } from '../../lib/search.ts'

/** Whose rules are looked at, as the address says it. */
export const rulesSearch = (search: Search) => ({ account: textIn(search, 'account') })

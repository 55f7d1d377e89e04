import type { Search } from '../../lib/search.ts'
import { textIn } from '../../lib/search.ts'
import { daysIn } from '../../ui/days-choice.tsx'

/** How far back groups are looked at, and which are listed, as the address says it. */
export const groupsSearch = (search: Search) => ({ days: daysIn(search), text: textIn(search, 'text') })

/** How far back one group is looked at. */
export const groupSearch = (search: Search) => ({ days: daysIn(search) })

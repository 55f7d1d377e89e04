import type { Search } from '../../lib/search.ts'
import { daysIn } from '../../ui/days-choice.tsx'

/** How far back the report looks, as the address says it: a report that can be sent to somebody. */
export const reportsSearch = (search: Search) => ({ days: daysIn(search) })

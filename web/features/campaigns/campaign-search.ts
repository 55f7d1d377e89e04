import { CAMPAIGN_STATES, DELIVERY_STATES } from '#contract/words.ts'

import { type Search, wordIn } from '../../lib/search.ts'

/** What the list of campaigns is narrowed to, as the address says it. */
export const campaignsSearch = (search: Search) => ({ state: wordIn(search, 'state', CAMPAIGN_STATES) })

/** Which of a campaign's people are listed. */
export const campaignSearch = (search: Search) => ({ people: wordIn(search, 'people', DELIVERY_STATES) })

import { CONSENT_PURPOSES, REACHABILITIES, SEGMENTS } from '#contract/words.ts'

import { type Search, idIn, textIn, wordIn } from '../../lib/search.ts'

/** How many people the list shows at a time. */
export const PAGE = 50

/** What the list is narrowed to, as the address says it: a view that can be sent to somebody. */
export const contactSearch = (search: Search) => ({
  segment: wordIn(search, 'segment', SEGMENTS),
  reachability: wordIn(search, 'reachability', REACHABILITIES),
  consent: wordIn(search, 'consent', CONSENT_PURPOSES),
  tag: textIn(search, 'tag'),
  text: textIn(search, 'text'),
  own: idIn(search, 'own'),
})

export type ContactFilter = Partial<ReturnType<typeof contactSearch>>

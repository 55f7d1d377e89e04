import { CONVERSATION_OWNERS, CONVERSATION_STATES, CONVERSATION_URGENCIES } from '#contract/words.ts'

import { type Search, textIn, wordIn } from '../../lib/search.ts'

/** What the list is narrowed to and which conversation is open, as the address says it. */
export const inboxSearch = (search: Search) => ({
  state: wordIn(search, 'state', CONVERSATION_STATES),
  assigned: wordIn(search, 'assigned', CONVERSATION_OWNERS),
  only: wordIn(search, 'only', CONVERSATION_URGENCIES),
  talk: textIn(search, 'talk'),
})

export type InboxFilter = Partial<Omit<ReturnType<typeof inboxSearch>, 'talk'>>

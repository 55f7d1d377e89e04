import { TEMPLATE_STATES } from '#contract/words.ts'

import { type Search, textIn, wordIn } from '../../lib/search.ts'

/** What the list of messages is narrowed to, as the address says it. */
export const templatesSearch = (search: Search) => ({ state: wordIn(search, 'state', TEMPLATE_STATES) })

/** The campaign that is being made meanwhile and waits for this message: `new`, `edit-7`, `clone-7`, `own-7`. */
export const templateSearch = (search: Search) => {
  const campaign = textIn(search, 'campaign')
  return {
    campaign: campaign !== undefined && /^(?:new|(?:edit|clone|own)-\d{1,15})$/.test(campaign) ? campaign : undefined,
  }
}

import { WEBHOOK_DELIVERY_STATES } from '#contract/words.ts'

import { type Search, textIn, wordIn } from '../../lib/search.ts'

export const PARTS = ['keys', 'webhooks', 'log'] as const

/** Which part of the screen is shown, and what the log is narrowed to. */
export const integrationsSearch = (search: Search) => ({
  part: wordIn(search, 'part', PARTS),
  state: wordIn(search, 'state', WEBHOOK_DELIVERY_STATES),
  webhook: /^\d{1,15}$/.exec(textIn(search, 'webhook') ?? '')?.[0],
})

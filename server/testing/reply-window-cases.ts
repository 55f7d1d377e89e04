import { DAY_MS } from '#server/base/duration.ts'

import { NOON } from './factories.ts'
import type { FactsOverride } from './guard-facts.ts'

const ANSWERS = { replyWindow: { ms: DAY_MS, canReply: true } }
const WROTE_NOW = { lastInboundAt: NOON }

const CLOSED: readonly FactsOverride[] = [
  { recipient: { lastInboundAt: NOON - DAY_MS } },
  // Never wrote, though it may be reached and said yes: a commercial first contact.
  {},
  { account: { replyWindow: { ms: DAY_MS, canReply: false } }, recipient: WROTE_NOW },
  { recipient: WROTE_NOW, delivery: { isGroup: true } },
  { recipient: null },
]

/** Every way in which the window of a business account is closed, for every class of message. */
export const REPLY_WINDOW_CASES = CLOSED.flatMap((bad) =>
  (['reply', 'transactional', 'commercial'] as const).map((messageClass) => ({
    rule: 'reply_window',
    reason: 'business_window_closed' as const,
    bad: { account: ANSWERS, ...bad, slot: { messageClass } },
    good: { account: ANSWERS, recipient: { lastInboundAt: NOON - DAY_MS + 1 }, slot: { messageClass } },
  })),
)

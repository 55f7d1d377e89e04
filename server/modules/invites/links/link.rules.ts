import type { InviteLinkState } from '#contract/words.ts'
import { MINUTE_MS } from '#server/base/duration.ts'

/** Longer than any call to Telegram: whoever holds a link beyond it has died. */
export const HOLD_MS = 2 * MINUTE_MS

/** After so many tries a person takes over. */
export const TRIES_MAX = 5

const NAME = /^gc-\d{1,18}$/

/** Whether a link of this name may be ours; other administrators name theirs as they like. */
export const mayBeOurs = (name: string): boolean => NAME.test(name)

/** What is known of a person's link when they say yes again. */
export interface KnownLink {
  readonly state: InviteLinkState
  readonly url: string | null
  readonly expiresAt: number | null
  /** Somebody entered by it: another person, or the one it was made for. */
  readonly usedBy: 'nobody' | 'other' | 'owner'
}

/**
 * What a yes leads to: the link there is, a new one in its place, patience while it is made, or a person of the tenant
 * (a link that was ended by hand or used by somebody else is no mistake to repeat).
 */
export const nextForYes = (link: KnownLink | null, now: number): 'give' | 'make' | 'wait' | 'by_hand' => {
  if (!link) return 'make'
  switch (link.state) {
    case 'wanted':
    case 'making':
      return 'wait'
    case 'made':
      if (link.usedBy === 'other') return 'by_hand'
      return link.usedBy === 'nobody' && link.url !== null && (link.expiresAt ?? 0) > now ? 'give' : 'make'
    case 'failed':
    case 'ending':
    case 'revoked':
      return 'by_hand'
  }
}

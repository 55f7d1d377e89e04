import type { AccountKind } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

export interface Capabilities {
  /** May write first to a person who never wrote to it. */
  readonly canInitiate: boolean
  /** A repeated send with the same `randomId` is the same message, so an unknown outcome may be repeated. */
  readonly repeatsAreHarmless: boolean
  /** How long after the person's last message a private chat stays open for sending; null for ever. */
  readonly replyWindowMs: number | null
  readonly groups: boolean
  readonly inlineButtons: boolean
  readonly payments: boolean
  readonly joinRequests: boolean
  /** Can show that an answer is being thought out. */
  readonly showsThinking: boolean
}

/**
 * What each kind of account can do. A bot reaches who started it; a business connection only answers, in private chats,
 * within 24 hours of the person's last message (core.telegram.org/bots/features#secretary-bots); a user account is held
 * to the chats it already has by our own rule, since Telegram bans what writes to strangers.
 */
export const CAPABILITIES: Readonly<Record<AccountKind, Capabilities>> = {
  bot: {
    canInitiate: false,
    repeatsAreHarmless: false,
    replyWindowMs: null,
    groups: true,
    inlineButtons: true,
    payments: true,
    joinRequests: true,
    showsThinking: true,
  },
  business: {
    canInitiate: false,
    repeatsAreHarmless: false,
    replyWindowMs: DAY_MS,
    groups: false,
    inlineButtons: true,
    payments: false,
    joinRequests: false,
    showsThinking: false,
  },
  user: {
    canInitiate: false,
    repeatsAreHarmless: true,
    replyWindowMs: null,
    groups: true,
    inlineButtons: false,
    payments: false,
    joinRequests: false,
    showsThinking: false,
  },
}

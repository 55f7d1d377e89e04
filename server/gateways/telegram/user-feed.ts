import type { FailureReason } from './failures.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** What a person's own account received, worded as the Bot API words it. */
export interface UserUpdate {
  /** The same for the same happening, however often it is told; unique within the account. */
  readonly key: string
  readonly kind: 'message' | 'business_message'
  /** As the Bot API's field of that name. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Why following ended: told to, or the session works no more. */
export type FollowEnd = { readonly kind: 'stopped' } | { readonly kind: 'account_lost'; readonly reason: FailureReason }

export interface FollowOptions {
  /**
   * Stores what came in; once it resolves, Telegram is not asked for it again. Called one at a time, in order. When it
   * throws it is called again with the same updates.
   */
  readonly deliver: (updates: readonly UserUpdate[]) => Promise<void>
  readonly signal: AbortSignal
  /** Told of each thing that goes wrong and mends itself, in words without anybody's data. */
  readonly onTrouble?: (what: string) => void
  /** How often the session is looked at even when nothing comes; a minute when left out. */
  readonly checkEveryMs?: number
}

/** What comes in for people's own accounts. */
export interface UserUpdateFeed {
  /**
   * Connects the account's session and passes on new messages of private chats and groups, those of its time away
   * included, until `signal` aborts or the session is lost. What the account itself wrote to people comes as a
   * `business_message` without a sender; what it was sent through may be told of as well. Its words in groups are left
   * out, and Telegram's service messages, which carry login codes. Reconnects by itself.
   */
  follow(account: TelegramAccount, options: FollowOptions): Promise<FollowEnd>
}

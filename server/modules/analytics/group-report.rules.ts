/** What was seen in one chat in a period. */
export interface ChatActivity {
  readonly chatId: number
  /** Messages of people. */
  readonly messages: number
  /** People who wrote. */
  readonly active: number
  /** Joins and leaves that Telegram told us of, removals included. */
  readonly joined: number
  readonly left: number
  /** Epoch ms of the last message ever heard within the period; null for none. */
  readonly lastMessageAt: number | null
}

/** What was seen in one chat on one day. */
export interface ChatDay {
  /** `YYYY-MM-DD`. */
  readonly on: string
  readonly messages: number
  readonly active: number
  readonly joined: number
  readonly left: number
}

/** Every day asked for, oldest first; one on which nothing was seen is all zero. */
export const fillChatDays = (days: readonly string[], seen: readonly ChatDay[]): readonly ChatDay[] =>
  days.map((on) => seen.find((row) => row.on === on) ?? { on, messages: 0, active: 0, joined: 0, left: 0 })

/** Messages within a clock hour of a weekday (ISO, 1 is Monday). */
export interface ChatSlot {
  readonly weekday: number
  readonly hour: number
  readonly messages: number
}

/** Somebody who wrote in a chat. */
export interface ChatMember {
  readonly contactId: number
  readonly username: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly messages: number
  /** Epoch ms. */
  readonly lastMessageAt: number
}

/** Days without a message after which a chat is quiet; one that is heard in no other way is unheard of, not quiet. */
export const QUIET_DAYS = 7

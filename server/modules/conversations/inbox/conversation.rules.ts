import type { ConversationState } from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'

/** A contact and an account talking. Instants are epoch ms. */
export interface Conversation {
  readonly id: number
  readonly accountId: number
  readonly contactId: number
  readonly state: ConversationState
  /** Member id; null while it is nobody's. */
  readonly assignedTo: number | null
  readonly openedAt: number
  readonly lastInboundAt: number
  /** Telegram's number of the newest message; null where it has none. */
  readonly lastInboundMessageId: number | null
  readonly lastOutboundAt: number | null
  readonly answerDueAt: number | null
  readonly snoozedUntil: number | null
  readonly closedAt: number | null
  readonly aiPausedUntil: number | null
  readonly aiPausedReason: string | null
  readonly handedOverAt: number | null
  readonly handOverReason: string | null
  readonly aiDisclosedAt: number | null
  /** Counts what was said, by whom ever; who answers says which turn they have seen. */
  readonly turn: number
  /** The turn with which the stretch since `openedAt` began. */
  readonly openedTurn: number
  /** `contact`, `member:12`, `owner` (by hand, in Telegram), `automatic`. */
  readonly lastTurnBy: string
  /** Messages nobody of the tenant has seen. */
  readonly unreadCount: number
  /** When silence closes it. */
  readonly closesAt: number | null
}

/** What can happen to a conversation besides what is said in it. */
export type ConversationEventKind =
  | 'opened'
  | 'closed'
  | 'snoozed'
  | 'woken'
  | 'assigned'
  | 'handed_over'
  | 'given_back'
  | 'not_sent'
  | 'note'

/** What a person's answer may hold, in characters as Telegram counts them. */
const REPLY_LENGTH_MAX = 4_096
const SNOOZE_MAX_MS = 366 * DAY_MS

/** Whether a model may speak here at `now`, as far as the conversation itself is concerned. */
export const isAiSilent = (
  { aiPausedUntil, handedOverAt }: Pick<Conversation, 'aiPausedUntil' | 'handedOverAt'>,
  now: number,
): boolean => handedOverAt !== null || (aiPausedUntil !== null && aiPausedUntil > now)

/** The text of an answer, without the space around it. Errors: `invalid/text_length`. */
export const checkReplyText = (text: string): string => {
  const trimmed = text.replaceAll('\u0000', '').toWellFormed().trim()
  const { length } = Array.from(trimmed)
  if (length === 0 || length > REPLY_LENGTH_MAX)
    throw invalid('text_length', 'text', { min: 1, max: REPLY_LENGTH_MAX, length })
  return trimmed
}

/**
 * Who stands in the way of an answer to what was seen; null when nobody does. With a seen turn anything said since is in
 * the way, without one only what answered the contact already.
 */
export const whoMoved = (
  { turn, lastTurnBy }: Pick<Conversation, 'turn' | 'lastTurnBy'>,
  seenTurn: number | null,
): string | null => {
  const hasMoved = seenTurn === null ? lastTurnBy !== 'contact' : turn !== seenTurn
  return hasMoved ? lastTurnBy : null
}

/** Whether the contact wrote what was not seen; without a seen turn nothing is asked. */
export const hasUnseenWords = (
  { turn, unreadCount }: Pick<Conversation, 'turn' | 'unreadCount'>,
  seenTurn: number | null,
): boolean => seenTurn !== null && turn !== seenTurn && unreadCount > 0

/** What answering needs to know of whom it goes to. */
export interface Addressee {
  readonly telegramId: number | null
  readonly suppressedAt: number | null
  readonly reachability: string | null
}

/**
 * Refuses an answer that cannot or must not arrive: the contact is gone, blocked the account, or said stop and has not
 * written since. Gives the chat to write to. Errors: `conflict/contact_erased`, `conflict/contact_blocked`,
 * `conflict/contact_stopped`.
 */
export const requireAnswerable = (
  { contactId, lastInboundAt }: Pick<Conversation, 'contactId' | 'lastInboundAt'>,
  { telegramId, suppressedAt, reachability }: Addressee,
): number => {
  const id = contactId
  if (telegramId === null) throw new AppError('conflict', 'contact_erased', { id })
  if (reachability === 'blocked' || reachability === 'deactivated')
    throw new AppError('conflict', 'contact_blocked', { id })
  if (suppressedAt !== null && suppressedAt >= lastInboundAt) throw new AppError('conflict', 'contact_stopped', { id })
  return telegramId
}

const NOTE_LENGTH_MAX = 4_000

/** A note as it is kept. Errors: `invalid/text_length`. */
export const checkNote = (text: string): string => {
  const trimmed = text.replaceAll('\u0000', '').toWellFormed().trim()
  if (trimmed.length === 0 || trimmed.length > NOTE_LENGTH_MAX)
    throw invalid('text_length', 'text', { min: 1, max: NOTE_LENGTH_MAX, length: trimmed.length })
  return trimmed
}

/** When a snoozed conversation comes back. Errors: `invalid/snooze_until`. */
export const checkSnooze = (until: number, at: number): number => {
  if (!Number.isSafeInteger(until) || until <= at || until > at + SNOOZE_MAX_MS)
    throw invalid('snooze_until', 'until', { max: SNOOZE_MAX_MS / DAY_MS })
  return until
}

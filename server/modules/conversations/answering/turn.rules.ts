import type { AiHandOver, Locale, ReplyMode } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'

import { type Conversation, isAiSilent } from '../inbox/conversation.rules.ts'
import { asksNatureAlone, sensitiveTopicOf } from './topics.rules.ts'

/** One answer that is owed, as a process works on it. Instants are epoch ms. */
export interface Turn {
  readonly tenantId: number
  readonly id: number
  readonly conversationId: number
  readonly accountId: number
  readonly contactId: number
  readonly kind: 'answer' | 'follow_up'
  readonly followUpNumber: number
  /** Grows with each message of the contact, and `attempts` with each claim: together they name this piece of work. */
  readonly revision: number
  readonly attempts: number
  /** When the contact wrote last. */
  readonly askedAt: number
  /** By Telegram's clock: what they wrote from then on is what is answered. */
  readonly openedAt: number
}

/** How a turn ended: what the contact got, or why nothing. */
export type TurnOutcome =
  | 'sent'
  | 'drafted'
  | 'nothing_to_say'
  | 'handed_over'
  | 'no_consent'
  | 'manual'
  | 'silenced'
  | 'answered'
  | 'withdrawn'

/** What is known of a turn before a model is asked. */
export interface TurnFacts {
  readonly turn: Turn
  /** How the account answers now, as its package lets it. */
  readonly mode: ReplyMode
  readonly sendsFollowUps: boolean
  readonly conversation: Conversation
  readonly isSuppressed: boolean
  /** The account can write to the person at all. */
  readonly isReachable: boolean
  /** The person's word on a model reading what they write; null before they were asked. */
  readonly hasConsent: boolean | null
  /** What the contact wrote and the turn answers, oldest first. */
  readonly unanswered: readonly string[]
  readonly isQuiet: boolean
}

export type TurnPlan =
  | { readonly kind: 'ask_model' }
  | { readonly kind: 'ask_consent' }
  /** Asked what it is, and nothing else. */
  | { readonly kind: 'say_nature' }
  | { readonly kind: 'hand_over'; readonly reason: AiHandOver }
  | { readonly kind: 'close'; readonly outcome: TurnOutcome }

/** A follow-up belongs to a conversation of the day. */
const FOLLOW_UP_WINDOW_MS = 24 * HOUR_MS

const close = (outcome: TurnOutcome): TurnPlan => ({ kind: 'close', outcome })

const mayFollowUp = ({ turn, mode, sendsFollowUps, conversation, isQuiet }: TurnFacts, now: number): boolean =>
  mode === 'ai' &&
  sendsFollowUps &&
  conversation.state === 'waiting' &&
  conversation.lastInboundAt <= turn.askedAt &&
  !isQuiet &&
  now < turn.askedAt + FOLLOW_UP_WINDOW_MS

/** Whether a model may say anything here at all; the same question is asked again before anything is written. Total. */
export const silenceOf = (facts: TurnFacts, now: number): TurnOutcome | null => {
  const { mode, conversation, isSuppressed, isReachable, turn } = facts
  if (mode === 'manual') return 'manual'
  if (isSuppressed || !isReachable || isAiSilent(conversation, now)) return 'silenced'
  if (turn.kind === 'follow_up') return mayFollowUp(facts, now) ? null : 'nothing_to_say'
  return conversation.state === 'open' ? null : 'answered'
}

/** What to do about a turn, before any model is asked. Pure and total. */
export const planTurn = (facts: TurnFacts, now: number): TurnPlan => {
  const silence = silenceOf(facts, now)
  if (silence !== null) return close(silence)
  const { turn, mode, hasConsent, unanswered } = facts
  if (turn.kind === 'follow_up') return hasConsent === true ? { kind: 'ask_model' } : close('no_consent')
  if (unanswered.length === 0) return close('nothing_to_say')
  if (unanswered.some((text) => sensitiveTopicOf(text) !== null))
    return mode === 'ai' ? { kind: 'hand_over', reason: 'sensitive_topic' } : close('nothing_to_say')
  if (mode === 'ai' && unanswered.every((text) => asksNatureAlone(text))) return { kind: 'say_nature' }
  if (hasConsent === null) return { kind: 'ask_consent' }
  return hasConsent ? { kind: 'ask_model' } : close('no_consent')
}

/** Languages an answer may be in: the contact's, the persona's, the one that was written in. */
export const languagesOf = (...languages: readonly (Locale | 'other' | null)[]): readonly Locale[] => [
  ...new Set(languages.filter((language) => language !== null && language !== 'other')),
]

import { SECOND_MS } from '#server/base/duration.ts'

import type { CallFailure, WaitScope } from './call-result.ts'
import { FAILURES } from './failures.ts'
import type { FailureReason } from './failures.ts'

/** What an adapter knows about a failed call besides its reason. */
export interface FailureContext {
  /** Status of the answer; 0 when there was none. */
  readonly errorCode?: number
  /** Telegram's own wait, in seconds; absent or absurd values give way to the table's. */
  readonly retryAfterSeconds?: number | undefined
  readonly newChatId?: number | undefined
  /** The chat addressed, if any. */
  readonly chatId?: number | undefined
}

/**
 * A 429 does not say what is full. In a group it is nearly always the group's 20 messages a minute, which no other chat
 * shares. In a private chat our own pacing already keeps one message a second, so the account's 30 a second is the
 * likelier one, and taking it for the chat's would send the next message of the account into the same wall.
 */
const scopeOf = (reason: FailureReason, chatId: number | undefined): WaitScope =>
  reason === 'flood_wait' && chatId !== undefined && chatId < 0 ? 'chat' : 'account'

const waitOf = (reason: FailureReason, seconds: number | undefined): number =>
  seconds !== undefined && Number.isFinite(seconds) && seconds > 0
    ? Math.ceil(seconds * 1_000)
    : (FAILURES[reason].follows.waitMs ?? 0)

/** The result a caller sees for `reason`; `reached` when the failure means the aim already holds. */
export const resultOfFailure = (reason: FailureReason, context: FailureContext = {}): CallFailure | 'reached' => {
  const { retry, follows } = FAILURES[reason]
  const errorCode = context.errorCode ?? 0
  switch (retry) {
    case 'later':
      return {
        kind: 'retry',
        afterMs: waitOf(reason, context.retryAfterSeconds),
        scope: scopeOf(reason, context.chatId),
        reason,
      }
    case 'in_doubt':
      return { kind: 'unknown', reason }
    case 'reached':
      return 'reached'
    case 'new_chat':
      // Without the new id there is nowhere to go on: the same as a chat that is gone.
      return context.newChatId === undefined
        ? { kind: 'rejected', reason, errorCode }
        : { kind: 'migrated', newChatId: context.newChatId }
    case 'never':
    case 'without_reply':
      break
  }
  return follows.account === 'disconnected'
    ? { kind: 'account_lost', reason, errorCode }
    : { kind: 'rejected', reason, errorCode }
}

const REPEAT_AFTER_MS = 1 * SECOND_MS

/** The same failure for a call whose repetition does no harm: one in doubt may be tried again. */
export const asRepeatable = (failure: CallFailure): CallFailure =>
  failure.kind === 'unknown'
    ? { kind: 'retry', afterMs: REPEAT_AFTER_MS, scope: 'account', reason: failure.reason }
    : failure

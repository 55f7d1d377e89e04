import type { Reachability } from '#contract/words.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { FAILURES, type FailureReason } from '#server/gateways/telegram/failures.ts'
import type { SendResult } from '#server/gateways/telegram/call-result.ts'

/** Where a send leaves its delivery. `dueAt` only with `deferred`, `messageId` only with `sent`. */
export interface DeliveryEnd {
  readonly state: 'sent' | 'failed' | 'unknown' | 'deferred'
  readonly reason: string | null
  readonly dueAt: number | null
  readonly messageId: number | null
  /** The chat's new id, when the group became a supergroup. */
  readonly newChatId: number | null
}

/** After this many refusals to even take the request, the delivery has failed. Waits that Telegram names do not count. */
const ATTEMPTS_MAX = 8
const LONGEST_BACKOFF_MS = 10 * MINUTE_MS

const end = (state: DeliveryEnd['state'], reason: string | null, more: Partial<DeliveryEnd> = {}): DeliveryEnd => ({
  state,
  reason,
  dueAt: null,
  messageId: null,
  newChatId: null,
  ...more,
})

/**
 * What follows for the delivery from the result of attempt number `attempt` (1-based) at instant `now`. A repeated
 * send that was not accepted says nothing of the one before it, which stays in doubt.
 */
export const endOf = (result: SendResult, attempt: number, now: number, isRepeat = false): DeliveryEnd => {
  if (isRepeat && result.kind !== 'sent') return end('unknown', 'reason' in result ? result.reason : 'chat_migrated')
  switch (result.kind) {
    case 'sent':
      return end('sent', null, { messageId: result.messageId })
    case 'rejected':
      return end('failed', result.reason)
    case 'unknown':
      return end('unknown', result.reason)
    case 'account_lost':
      return end('deferred', 'account_unusable', { dueAt: now })
    case 'migrated':
      return attempt >= ATTEMPTS_MAX
        ? end('failed', 'chat_migrated')
        : end('deferred', 'chat_migrated', { dueAt: now, newChatId: result.newChatId })
    case 'retry': {
      // Told to wait, or held back by ourselves: nothing failed, so nothing is counted.
      if (result.reason === 'flood_wait' || result.reason === 'aborted_before_leaving')
        return end('deferred', result.reason, { dueAt: now + result.afterMs })
      if (attempt >= ATTEMPTS_MAX) return end('failed', result.reason)
      const backoffMs = Math.min(Math.max(result.afterMs, 1_000) * 2 ** (attempt - 1), LONGEST_BACKOFF_MS)
      return end('deferred', result.reason, { dueAt: now + backoffMs })
    }
  }
}

/** What the account can do for the contact from now on, when the failure tells. Only for private chats. */
export const reachabilityAfter = (result: SendResult): Reachability | null =>
  result.kind === 'rejected' ? (followsOf(result.reason).reachability ?? null) : null

/** Whether the wording itself is at fault: everything else that would say it has to stop. */
export const blamesTemplate = (result: SendResult): boolean =>
  result.kind === 'rejected' && followsOf(result.reason).template === 'faulty'

/** What the account is in the group from now on, when the failure tells. */
export const standingAfter = (result: SendResult): 'left' | 'kicked' | null => {
  const word = result.kind === 'rejected' ? followsOf(result.reason).chat : undefined
  if (word === 'kicked') return 'kicked'
  return word === 'left' || word === 'deleted' ? 'left' : null
}

const followsOf = (reason: FailureReason) => FAILURES[reason].follows

import type { FailureReason } from './failures.ts'

/** What has to wait: sends to one chat, or everything the account does. */
export type WaitScope = 'chat' | 'account'

/** How a call to Telegram ended without the answer hoped for. A value, never an exception. */
export type CallFailure =
  /** Provably not accepted; may be tried again after `afterMs`. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly scope: WaitScope; readonly reason: FailureReason }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly errorCode: number }
  /** The group has a new id; nothing was accepted under the old one. */
  | { readonly kind: 'migrated'; readonly newChatId: number }
  /** The account works no more until its owner acts. `connectionId`: what was refused, where it may be replaced meanwhile. */
  | {
      readonly kind: 'account_lost'
      readonly reason: FailureReason
      readonly errorCode: number
      readonly connectionId?: string
    }
  /** Telegram may have accepted it: timeout, connection cut after it left, rubbish for an answer. */
  | { readonly kind: 'unknown'; readonly reason: FailureReason }

/** How a send ended. */
export type SendResult = { readonly kind: 'sent'; readonly messageId: number } | CallFailure

/** How any other call ended. */
export type CallResult<T> = { readonly kind: 'done'; readonly value: T } | CallFailure

/** How an act without an answer worth keeping ended. */
export type ActResult = { readonly kind: 'done' } | CallFailure

/**
 * The life of a delivery:
 *
 *   planned ──guard──► reserved ──► sent        accepted by Telegram
 *     │  ▲                 ├──────► failed      refused by Telegram for good
 *     │  │ due again       ├──────► unknown     may have been accepted: never sent again, save as said below
 *     │  └── deferred ◄────┘                    Telegram said later, or the request never left
 *     ├────► deferred                           the guard said later
 *     ├────► refused                            the guard said never
 *     └────► cancelled                          its campaign or its contact withdrew
 *
 * A delivery is claimed by a row lock inside the guard's transaction; `reserved` and the attempt row are written by
 * that same transaction, immediately before the call. A reserved delivery whose process died is therefore a send that
 * nobody can vouch for, and becomes `unknown`.
 *
 * One way leads back, from unknown to reserved: a send of a user account whose number Telegram knows is repeated under
 * that number within a day, since the same number is the same message. It keeps the slot it had.
 */

import { invalid } from '#server/base/errors.ts'
import type { RenderedMessage } from '#server/modules/templates/index.ts'

/** A reply is claimed before everything else on its account; outreach uses 1–100. */
export const REPLY_PRIORITY = 1_000

/** Telegram's limit for callback data, in bytes. */
const CALLBACK_DATA_BYTES = 64

/** Callback data of a button of this delivery: `<delivery id, base 36>.<action>`. Throws `invalid/button_action_too_long`. */
export const callbackData = (deliveryId: number, action: string): string => {
  const data = `${deliveryId.toString(36)}.${action}`
  if (Buffer.byteLength(data) > CALLBACK_DATA_BYTES) throw invalid('button_action_too_long', 'action', { action })
  return data
}

/** What a pressed button says; null for data that is not ours. */
export const parseCallbackData = (data: string): { readonly deliveryId: number; readonly action: string } | null => {
  const match = /^([0-9a-z]{1,11})\.(.+)$/s.exec(data)
  if (!match) return null
  const deliveryId = Number.parseInt(match[1] ?? '', 36)
  return Number.isSafeInteger(deliveryId) ? { deliveryId, action: match[2] ?? '' } : null
}

/** Something sold for Telegram Stars; `payload` comes back with the payment. */
export interface Invoice {
  readonly title: string
  readonly description: string
  readonly payload: string
  readonly stars: number
}

/** What is sent; an invoice goes out in place of the text, which says the same for the record. */
export interface DeliveryContent extends RenderedMessage {
  readonly invoice?: Invoice
}

/** A delivery that may leave now: its slot is taken and its attempt is open. */
export interface ReservedDelivery {
  readonly deliveryId: number
  readonly attemptId: number
  readonly attemptNumber: number
  readonly accountId: number
  readonly contactId: number | null
  readonly chatId: number
  /** An answer somebody waits for: it leaves before everything else. */
  readonly isReply: boolean
  /** The number under which Telegram knows the send; null for kinds of accounts that have none. */
  readonly randomId: bigint | null
  /** A send before this one, under the same number, may have been accepted. */
  readonly isRepeat: boolean
  readonly content: DeliveryContent
}

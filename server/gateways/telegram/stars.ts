import type { ActResult, CallResult } from './call-result.ts'
import type { StarInvoice } from './outgoing-message.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** What one payment in Stars was; `id` is the charge id of the payment and of its refund. */
export interface StarTransaction {
  readonly id: string
  readonly stars: number
  readonly at: number
  /** The invoice's payload for what came in; null for everything else. */
  readonly payload: string | null
}

/** Selling for Telegram Stars with a bot. No call is repeated inside an adapter. */
export interface TelegramStars {
  /** A link under which anybody may pay, any number of times. */
  createInvoiceLink(account: TelegramAccount, invoice: StarInvoice): Promise<CallResult<string>>
  /** Lets a payment pass, or says why not; Telegram cancels it after ten seconds without an answer. */
  answerPreCheckout(account: TelegramAccount, queryId: string, refusal: string | null): Promise<ActResult>
  /** Sends all Stars of a charge back; one that was sent back before counts as done. */
  refundPayment(account: TelegramAccount, userId: number, chargeId: string): Promise<ActResult>
  /** Oldest first, `limit` 1–100. */
  listTransactions(
    account: TelegramAccount,
    offset: number,
    limit: number,
  ): Promise<CallResult<readonly StarTransaction[]>>
}

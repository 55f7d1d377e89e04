import type { ActResult, CallResult, SendResult } from './call-result.ts'
import type { TelegramAccount } from './telegram-account.ts'

export interface StarInvoice {
  /** 1–32 characters. */
  readonly title: string
  /** 1–255 characters. */
  readonly description: string
  /** 1–128 bytes that come back with the payment; never shown. */
  readonly payload: string
  /** Whole Stars. */
  readonly stars: number
}

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
  sendInvoice(account: TelegramAccount, chatId: number, invoice: StarInvoice): Promise<SendResult>
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

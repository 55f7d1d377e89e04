import type { AccountKind } from '#contract/words.ts'

import type { FailureReason } from './failures.ts'

/** An account as the gateway needs it: who sends, with which key, to which server. */
export interface TelegramAccount {
  readonly tenantId: number
  readonly accountId: number
  readonly kind: AccountKind
  /** Bot token; opened only for the call, never logged. */
  readonly token: string
  /** Base address of the Bot API; the public one when null. A simulator is reached by this alone. */
  readonly apiRoot: string | null
}

export type InlineButton =
  | { readonly text: string; readonly url: string }
  /** `action` travels as callback data: 1–64 bytes. */
  | { readonly text: string; readonly action: string }

export const MEDIA_KINDS = ['photo', 'video', 'animation', 'document', 'audio', 'voice'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export interface OutgoingMessage {
  /** Telegram's chat id; the person's id in a private chat. */
  readonly chatId: number
  /** Telegram HTML. The caption when there is media. */
  readonly text: string
  /** `source` is a file id or an https address that Telegram fetches. */
  readonly media?: { readonly kind: MediaKind; readonly source: string }
  readonly buttons?: readonly (readonly InlineButton[])[]
  readonly silent?: boolean
  readonly replyToMessageId?: number
  /** Sent again, the same value is the same message where the account kind knows that (user accounts). */
  readonly randomId?: bigint
}

/** How one call to Telegram ended. There is no exception besides a bug. */
export type SendResult =
  | { readonly kind: 'sent'; readonly messageId: number }
  /** Provably not accepted; may be tried again after `afterMs`. `scope` says what has to wait: one chat, or the account. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly scope: 'chat' | 'account'; readonly reason: FailureReason }
  | { readonly kind: 'rejected'; readonly reason: FailureReason; readonly errorCode: number }
  | { readonly kind: 'migrated'; readonly newChatId: number }
  | { readonly kind: 'account_lost'; readonly reason: FailureReason; readonly errorCode: number }
  /** The request may have been accepted: timeout, connection cut after it left, rubbish for an answer. */
  | { readonly kind: 'unknown'; readonly reason: FailureReason }

/** The one way out. Implemented by adapters, called by delivery/send alone. */
export interface TelegramSender {
  send(account: TelegramAccount, message: OutgoingMessage, signal?: AbortSignal): Promise<SendResult>
  editText(account: TelegramAccount, chatId: number, messageId: number, message: Pick<OutgoingMessage, 'text' | 'buttons'>): Promise<SendResult>
  deleteMessage(account: TelegramAccount, chatId: number, messageId: number): Promise<SendResult>
  /** Stops the spinner on a pressed button, with an optional short text (0–200 characters). */
  answerCallback(account: TelegramAccount, callbackId: string, text?: string): Promise<SendResult>
}

import type { ActResult, SendResult } from './call-result.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { TelegramAccount } from './telegram-account.ts'

export type { SendResult } from './call-result.ts'
export type { OutgoingMessage } from './outgoing-message.ts'
export type { TelegramAccount } from './telegram-account.ts'

/**
 * The one way out. Implemented by adapters, called by delivery/send alone. No call is repeated inside an adapter, and
 * none throws besides a bug. `signal` gives up waiting; what had left by then ends as `unknown`.
 */
export interface TelegramSender {
  send(account: TelegramAccount, message: OutgoingMessage, signal?: AbortSignal): Promise<SendResult>
  /** Replaces text and buttons. A message that already says this counts as sent. */
  editText(
    account: TelegramAccount,
    chatId: number,
    messageId: number,
    message: Pick<OutgoingMessage, 'text' | 'buttons'>,
  ): Promise<SendResult>
  /** Deletes for everyone; Telegram allows it for 48 hours. */
  deleteMessage(account: TelegramAccount, chatId: number, messageId: number): Promise<ActResult>
  /** Stops the spinner on a pressed button, with an optional short text (0–200 characters). */
  answerCallback(account: TelegramAccount, callbackId: string, text?: string): Promise<ActResult>
  /**
   * Shows in a private chat, for half a minute or until a message comes, that an answer is being thought out; kinds of
   * accounts without `showsThinking` reject it without a call. `draftId` is not 0 and names what is being thought out.
   */
  showThinking(account: TelegramAccount, chatId: number, draftId: number): Promise<ActResult>
}

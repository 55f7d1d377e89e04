import type { SendResult, TelegramSender } from './sender.ts'

/** Told how each send ended, and of every wait that Telegram asked for, in seconds. */
export interface SendMeter {
  readonly ended: (kind: SendResult['kind']) => void
  readonly floodWait: (seconds: number) => void
}

/** The same sender, counted. */
export const measureSender = (sender: TelegramSender, meter: SendMeter): TelegramSender => ({
  async send(account, message, signal) {
    const result = await sender.send(account, message, signal)
    meter.ended(result.kind)
    if (result.kind === 'retry' && result.reason === 'flood_wait') meter.floodWait(result.afterMs / 1_000)
    return result
  },
  editText: (account, chatId, messageId, message) => sender.editText(account, chatId, messageId, message),
  deleteMessage: (account, chatId, messageId) => sender.deleteMessage(account, chatId, messageId),
  answerCallback: (account, callbackId, text) => sender.answerCallback(account, callbackId, text),
  showThinking: (account, chatId, draftId) => sender.showThinking(account, chatId, draftId),
})

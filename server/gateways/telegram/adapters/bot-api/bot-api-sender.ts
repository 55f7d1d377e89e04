import type { SendResult } from '../../call-result.ts'
import type { TelegramSender } from '../../sender.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import { callBotApi } from './call-bot-api.ts'
import type { BotApiReply } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { replyMarkup, sendCall } from './message-params.ts'
import { asAct, isInteger, isObject } from './read-result.ts'

/** Sends as a bot, or through a person's business connection. */
export const createBotApiSender = (transport: HttpTransport): TelegramSender => ({
  async send(account, message, signal) {
    const connection = connectionOf(account)
    if (connection === null) return connectionMissing
    // Telegram sells for bots alone, never through somebody's business account.
    if (message.invoice && connection !== undefined) return invoiceUnusable
    const { method, params } = sendCall(message, connection)
    return asSent(await callBotApi(transport, account, method, params, { chatId: message.chatId, signal }))
  },

  async editText(account, chatId, messageId, message) {
    const connection = connectionOf(account)
    if (connection === null) return connectionMissing
    const markup = replyMarkup(message.buttons)
    const params = {
      ...(connection === undefined ? {} : { business_connection_id: connection }),
      chat_id: chatId,
      message_id: messageId,
      text: message.text,
      parse_mode: 'HTML' as const,
      link_preview_options: { is_disabled: true },
      ...(markup === undefined ? {} : { reply_markup: markup }),
    }
    return asSent(await callBotApi(transport, account, 'editMessageText', params, { chatId }), messageId)
  },

  async deleteMessage(account, chatId, messageId) {
    const connection = connectionOf(account)
    if (connection === null) return connectionMissing
    return asAct(
      connection === undefined
        ? await callBotApi(transport, account, 'deleteMessage', { chat_id: chatId, message_id: messageId }, { chatId })
        : await callBotApi(transport, account, 'deleteBusinessMessages', {
            business_connection_id: connection,
            message_ids: [messageId],
          }),
    )
  },

  async answerCallback(account, callbackId, text) {
    const params = { callback_query_id: callbackId, ...(text === undefined ? {} : { text }) }
    return asAct(await callBotApi(transport, account, 'answerCallbackQuery', params))
  },

  async showThinking(account, chatId, draftId) {
    // Telegram has it for bots alone, not for chats of the people a bot works for.
    if (account.kind !== 'bot') return { kind: 'rejected', reason: 'method_unknown', errorCode: 0 }
    const params = { chat_id: chatId, draft_id: draftId, text: '' }
    return asAct(await callBotApi(transport, account, 'sendMessageDraft', params, { chatId }))
  },
})

const connectionMissing = { kind: 'account_lost', reason: 'business_connection_lost', errorCode: 0 } as const

const invoiceUnusable = { kind: 'rejected', reason: 'method_unknown', errorCode: 0 } as const

/** The business connection to speak through: undefined for a bot, null when it should be there and is not. */
const connectionOf = (account: TelegramAccount): string | undefined | null => {
  if (account.kind === 'user') throw new Error('a user account does not speak the Bot API')
  return account.kind === 'business' ? (account.businessConnectionId ?? null) : undefined
}

/** Without a message number the answer is no proof of anything, so the send stays in doubt. */
const asSent = (reply: BotApiReply, editedId?: number): SendResult => {
  if (reply.kind === 'reached') return editedId === undefined ? { kind: 'unknown', reason: 'bad_json' } : sent(editedId)
  if (reply.kind !== 'answered') return reply
  const id = isObject(reply.result) ? reply.result['message_id'] : editedId
  return isInteger(id) ? sent(id) : { kind: 'unknown', reason: 'bad_json' }
}

const sent = (messageId: number): SendResult => ({ kind: 'sent', messageId })

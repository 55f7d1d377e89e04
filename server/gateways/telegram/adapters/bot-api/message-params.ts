import type { InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove } from '@grammyjs/types'

import type {
  InlineButton,
  MediaKind,
  OutgoingMessage,
  RequestManagedBot,
  StarInvoice,
} from '../../outgoing-message.ts'
import type { BotApiParams } from './call-bot-api.ts'

type MediaMethod = 'sendPhoto' | 'sendVideo' | 'sendAnimation' | 'sendDocument' | 'sendAudio' | 'sendVoice'
type SendMethod = 'sendMessage' | 'sendInvoice' | MediaMethod

/** A method and its parameters, typed together. */
export type SendCall = { [M in SendMethod]: { readonly method: M; readonly params: BotApiParams<M> } }[SendMethod]

/** The keyboard under a message; undefined leaves it out. */
export const replyMarkup = (buttons: OutgoingMessage['buttons']): InlineKeyboardMarkup | undefined =>
  buttons && { inline_keyboard: buttons.map((row) => row.map(inlineButton)) }

const inlineButton = (button: InlineButton) => {
  if ('url' in button) return { text: button.text, url: button.url }
  if ('appUrl' in button) return { text: button.text, web_app: { url: button.appUrl } }
  return { text: button.text, callback_data: button.action }
}

const requestKeyboard = (request: RequestManagedBot): ReplyKeyboardMarkup => {
  const { text, requestId, suggestedName, suggestedUsername } = request
  const asked = {
    request_id: requestId,
    ...(suggestedName === undefined ? {} : { suggested_name: suggestedName }),
    ...(suggestedUsername === undefined ? {} : { suggested_username: suggestedUsername }),
  }
  return { keyboard: [[{ text, request_managed_bot: asked }]], resize_keyboard: true, one_time_keyboard: true }
}

const keyboardOf = (
  message: OutgoingMessage,
): InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | undefined => {
  if (message.requestManagedBot) return requestKeyboard(message.requestManagedBot)
  return message.removesKeyboard ? { remove_keyboard: true } : replyMarkup(message.buttons)
}

/** An invoice in Stars: one price, and no provider. */
export const invoiceParams = ({ title, description, payload, stars }: StarInvoice) => ({
  title,
  description,
  payload,
  provider_token: '',
  currency: 'XTR',
  prices: [{ label: title, amount: stars }],
})

/** The call that sends `message`: HTML, no link preview unless asked for, and a reply whose target is gone still goes out. */
export const sendCall = (message: OutgoingMessage, businessConnectionId?: string): SendCall => {
  if (message.invoice)
    return { method: 'sendInvoice', params: { chat_id: message.chatId, ...invoiceParams(message.invoice) } }
  const reply = message.replyToMessageId
  const markup = keyboardOf(message)
  const shared = {
    chat_id: message.chatId,
    parse_mode: 'HTML' as const,
    ...(businessConnectionId === undefined ? {} : { business_connection_id: businessConnectionId }),
    ...(message.silent ? { disable_notification: true } : {}),
    ...(reply === undefined ? {} : { reply_parameters: { message_id: reply, allow_sending_without_reply: true } }),
    ...(markup === undefined ? {} : { reply_markup: markup }),
  }
  if (message.media) return mediaCall(message.media.kind, message.media.source, { ...shared, caption: message.text })
  const preview = message.linkPreview ? {} : { link_preview_options: { is_disabled: true } }
  return { method: 'sendMessage', params: { ...shared, ...preview, text: message.text } }
}

const mediaCall = (
  kind: MediaKind,
  source: string,
  shared: Omit<BotApiParams<'sendDocument'>, 'document'>,
): SendCall => {
  switch (kind) {
    case 'photo':
      return { method: 'sendPhoto', params: { ...shared, photo: source } }
    case 'video':
      return { method: 'sendVideo', params: { ...shared, video: source } }
    case 'animation':
      return { method: 'sendAnimation', params: { ...shared, animation: source } }
    case 'document':
      return { method: 'sendDocument', params: { ...shared, document: source } }
    case 'audio':
      return { method: 'sendAudio', params: { ...shared, audio: source } }
    case 'voice':
      return { method: 'sendVoice', params: { ...shared, voice: source } }
  }
}

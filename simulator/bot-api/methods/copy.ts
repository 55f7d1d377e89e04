import type { Message, MessageOrigin } from '@grammyjs/types'
import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { readCaption } from '#simulator/bot-api/read-media.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { commitSend, prepareSend, type SendArgs } from '#simulator/bot-api/send-message.ts'
import type { ContentKind } from '#simulator/bot-api/send-rights.ts'
import { findMessage, type MessageContent } from '#simulator/world/messages.ts'

const CONTENT_KINDS = [
  'animation',
  'photo',
  'video',
  'audio',
  'document',
  'voice',
  'video_note',
  'sticker',
  'poll',
  'dice',
  'contact',
  'venue',
  'location',
] as const

/** Content a copy or a forward carries over. */
const CARRIED = [
  'text',
  'entities',
  'caption',
  'caption_entities',
  'has_media_spoiler',
  'show_caption_above_media',
  'link_preview_options',
  ...CONTENT_KINDS,
] as const

function kindOf(message: Message): ContentKind | null {
  if (message.text !== undefined) return 'text'
  return CONTENT_KINDS.find((kind) => message[kind] !== undefined) ?? null
}

function carry(message: Message): MessageContent {
  return Object.fromEntries(CARRIED.flatMap((key) => (message[key] === undefined ? [] : [[key, message[key]]])))
}

function findSource(call: Call, chatId: number | string, messageId: number, verb: 'copy' | 'forward'): Message {
  const source = findMessage(resolvePlace(call, chatId, 'read'), messageId)
  if (!source) throw badRequest(`message to ${verb} not found`)
  return source
}

function originOf(message: Message): MessageOrigin {
  if (message.forward_origin) return message.forward_origin
  const { date } = message
  if (message.chat.type === 'channel') {
    return { type: 'channel', date, chat: message.chat, message_id: message.message_id }
  }
  if (message.from) return { type: 'user', date, sender_user: message.from }
  return { type: 'hidden_user', date, sender_user_name: 'Deleted Account' }
}

function forward(call: Call, args: SendArgs, source: Message): Message {
  const kind = kindOf(source)
  if (!kind || source.has_protected_content) throw badRequest("message can't be forwarded")
  const send = prepareSend(call, args, kind)
  return commitSend(call, send, args, { forward_origin: originOf(source), ...carry(source) })
}

function copy(call: Call, args: SendArgs, source: Message, change: MessageContent = {}): Message {
  const kind = kindOf(source)
  if (!kind || source.has_protected_content) throw badRequest("message can't be copied")
  return commitSend(call, prepareSend(call, args, kind), args, { ...carry(source), ...change })
}

export const copyMethods = {
  forwardMessage: (call, args) => forward(call, args, findSource(call, args.from_chat_id, args.message_id, 'forward')),
  forwardMessages(call, args) {
    const source = resolvePlace(call, args.from_chat_id, 'read')
    const found = args.message_ids.flatMap((id) => findMessage(source, id) ?? [])
    if (found.length === 0) throw badRequest('there are no messages to forward')
    return found.map((message) => ({ message_id: forward(call, args, message).message_id }))
  },
  copyMessage(call, args) {
    const source = findSource(call, args.from_chat_id, args.message_id, 'copy')
    const caption = args.caption === undefined || source.text !== undefined ? {} : readCaption(call, args)
    return { message_id: copy(call, args, source, caption).message_id }
  },
  copyMessages(call, args) {
    const place = resolvePlace(call, args.from_chat_id, 'read')
    const found = args.message_ids.flatMap((id) => findMessage(place, id) ?? [])
    if (found.length === 0) throw badRequest('there are no messages to copy')
    return found.map((message) => ({ message_id: copy(call, args, message).message_id }))
  },
} satisfies Handlers

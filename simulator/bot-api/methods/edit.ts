import { isDeepStrictEqual } from 'node:util'
import type { InlineKeyboardMarkup, Message, Update } from '@grammyjs/types'
import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest, BotApiError, NOT_MODIFIED } from '#simulator/bot-api/errors.ts'
import { readText } from '#simulator/bot-api/methods/messages.ts'
import { type MediaKind, readCaption, readMedia } from '#simulator/bot-api/read-media.ts'
import { readReplyMarkup } from '#simulator/bot-api/read-reply-markup.ts'
import { resolveTarget } from '#simulator/bot-api/resolve-business.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { deliverToBots } from '#simulator/world/deliver.ts'
import { hasRight } from '#simulator/world/members.ts'
import { findMessage, type MessageContent, removeMessage } from '#simulator/world/messages.ts'
import type { Place } from '#simulator/world/types.ts'

type Target = {
  readonly business_connection_id?: string | undefined
  readonly chat_id?: number | string | undefined
  readonly message_id?: number | undefined
  readonly inline_message_id?: string | undefined
  readonly reply_markup?: InlineKeyboardMarkup | undefined
}

/** How long a bot may delete a message (bots/api, deleteMessage). */
const DELETE_WINDOW_MS = 48 * 3_600_000
const MEDIA_FIELDS = ['photo', 'video', 'animation', 'audio', 'document'] as const

function findTarget(call: Call, args: Target): { readonly place: Place; readonly message: Message } {
  if (args.inline_message_id !== undefined) throw badRequest('MESSAGE_ID_INVALID')
  const { chat_id: chatId, business_connection_id } = args
  if (chatId === undefined) throw badRequest('chat_id is empty')
  if (args.message_id === undefined) throw badRequest('message identifier is not specified')
  const place = resolveTarget(call, { chat_id: chatId, business_connection_id }, 'edit')
  const message = findMessage(place, args.message_id)
  if (!message) throw badRequest('message to edit not found')
  if (!canEdit(call, place, message)) throw badRequest("message can't be edited")
  return { place, message }
}

/**
 * Bots edit their own messages; in channels, with the right for it, any post; for an owner, what the owner wrote by
 * hand within 48 hours as well.
 */
function canEdit({ world, bot }: Call, place: Place, message: Message): boolean {
  if (place.kind === 'business') {
    if (message.sender_business_bot?.id === bot.id) return true
    const isRecent = message.date * 1000 + DELETE_WINDOW_MS > world.clock.now()
    return message.from?.id === place.link.owner.id && isRecent
  }
  if (place.kind === 'chat' && place.chat.type === 'channel') {
    const member = place.chat.members.get(bot.id)
    return hasRight(member, 'can_edit_messages') || hasRight(member, 'can_post_messages')
  }
  return message.from?.id === bot.id && message.forward_origin === undefined
}

/** Replaces fields of a message, or throws when nothing would change. Fields set to undefined are removed. */
function applyEdit<M>(
  call: Call,
  place: Place,
  message: Message,
  change: Partial<Record<keyof MessageContent, unknown>>,
): M {
  const fields = Object.entries(change) as [keyof Message, unknown][]
  if (fields.every(([key, value]) => isDeepStrictEqual(message[key], value))) throw badRequest(NOT_MODIFIED)
  for (const [key, value] of fields) {
    if (value === undefined) delete message[key]
    else Object.assign(message, { [key]: value })
  }
  message.edit_date = Math.floor(call.world.clock.now() / 1000)
  if (place.kind === 'chat') deliverToBots(call.world, place.chat, message, call.bot.id, true)
  for (const observer of call.world.observers) observer.messageEdited?.(call.bot, place, message)
  return message as M
}

function checkDelete(call: Call, place: Place, message: Message): void {
  const isOwn = message.from?.id === call.bot.id
  const member = place.kind === 'chat' ? place.chat.members.get(call.bot.id) : undefined
  const isChannel = place.kind === 'chat' && place.chat.type === 'channel'
  if (hasRight(member, 'can_delete_messages')) return
  if (!isOwn && place.kind === 'chat' && !(isChannel && hasRight(member, 'can_post_messages'))) {
    throw badRequest("message can't be deleted")
  }
  const isOld = message.date * 1000 + DELETE_WINDOW_MS <= call.world.clock.now()
  if (isOld) throw badRequest("message can't be deleted for everyone")
}

export const editMethods = {
  editMessageText(call, args) {
    if (args.rich_message) throw new BotApiError(501, 'Not Implemented: rich messages are not simulated')
    const content = readText(call, args.text ?? '', args.parse_mode, args.entities)
    const { place, message } = findTarget(call, args)
    if (message.text === undefined) throw badRequest('there is no text in the message to edit')
    return applyEdit<Update.Edited & Message.TextMessage>(call, place, message, {
      text: content.text,
      entities: content.entities,
      reply_markup: readReplyMarkup(args.reply_markup),
    })
  },
  editMessageCaption(call, args) {
    const content = readCaption(call, args)
    const { place, message } = findTarget(call, args)
    const hasMedia = MEDIA_FIELDS.some((field) => message[field] !== undefined) || message.voice !== undefined
    if (!hasMedia) throw badRequest('there is no caption in the message to edit')
    return applyEdit<Update.Edited & Message.CaptionableMessage>(call, place, message, {
      caption: content.caption,
      caption_entities: content.caption_entities,
      reply_markup: readReplyMarkup(args.reply_markup),
    })
  },
  editMessageMedia(call, args) {
    const { place, message } = findTarget(call, args)
    const { media } = args
    const kind = MEDIA_FIELDS.find((known) => known === media.type)
    if (!kind) throw badRequest(`can't parse InputMedia: type "${media.type}" is not simulated`)
    const content = readMedia(call, kind satisfies MediaKind, media.media, media)
    const cleared = Object.fromEntries([...MEDIA_FIELDS, 'text', 'entities'].map((field) => [field, undefined]))
    const markup = readReplyMarkup(args.reply_markup)
    return applyEdit<Update.Edited & Message>(call, place, message, { ...cleared, ...content, reply_markup: markup })
  },
  editMessageReplyMarkup(call, args) {
    const { place, message } = findTarget(call, args)
    return applyEdit<Update.Edited & Message>(call, place, message, {
      reply_markup: readReplyMarkup(args.reply_markup),
    })
  },
  deleteMessage(call, args) {
    const place = resolvePlace(call, args.chat_id, 'edit')
    const message = findMessage(place, args.message_id)
    if (!message) throw badRequest('message to delete not found')
    checkDelete(call, place, message)
    removeMessage(place, args.message_id)
    return true
  },
  deleteMessages(call, args) {
    if (args.message_ids.length > 100) throw badRequest('too many message identifiers specified')
    const place = resolvePlace(call, args.chat_id, 'edit')
    const found = args.message_ids.flatMap((id) => findMessage(place, id) ?? [])
    for (const message of found) checkDelete(call, place, message)
    for (const message of found) removeMessage(place, message.message_id)
    return true
  },
} satisfies Handlers

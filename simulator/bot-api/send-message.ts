import type { InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters } from '@grammyjs/types'
import type { Call } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { readManagedBotRequests, readReplyMarkup } from '#simulator/bot-api/read-reply-markup.ts'
import { resolveTarget } from '#simulator/bot-api/resolve-business.ts'
import { checkSendRights, type ContentKind, noteSent } from '#simulator/bot-api/send-rights.ts'
import { acceptBotMessage, asReply, findMessage, type MessageContent } from '#simulator/world/messages.ts'
import { keepManagedBotRequests } from '#simulator/world/managed-bots.ts'
import type { ManagedBotRequest, Place } from '#simulator/world/types.ts'

/** Parameters every sending method shares. */
export type SendArgs = {
  readonly chat_id: number | string
  readonly business_connection_id?: string | undefined
  readonly message_thread_id?: number | undefined
  readonly reply_parameters?: ReplyParameters | undefined
  readonly reply_to_message_id?: number | undefined
  readonly reply_markup?: unknown
  readonly protect_content?: boolean | undefined
  readonly allow_paid_broadcast?: boolean | undefined
  readonly link_preview_options?: LinkPreviewOptions | undefined
  readonly message_effect_id?: string | undefined
}

/** A send that passed every check but the rate limits. */
export type PreparedSend = {
  readonly place: Place
  readonly isPaid: boolean
  readonly markup: InlineKeyboardMarkup | undefined
  readonly reply: Message | null
  readonly requests: readonly ManagedBotRequest[]
}

/** Checks where a message goes and whether it may: markup, chat, rights, reply. Throws what Telegram would answer. */
export function prepareSend(call: Call, args: SendArgs, kind: ContentKind): PreparedSend {
  const markup = readReplyMarkup(args.reply_markup)
  const place = resolveTarget(call, args, 'write')
  if (args.message_thread_id && place.kind !== 'chat') throw badRequest('message thread not found')
  checkSendRights(call.bot, place, kind, call.world.clock.now())
  const reply = findReply(place, args)
  const requests = args.reply_markup === undefined ? [] : readRequests(call, place, args.reply_markup)
  return { place, isPaid: isPaidSend(call, args), markup, reply, requests }
}

/** The wording is that of the other keys that ask for something; what the real server says is not published. */
function readRequests({ bot }: Call, place: Place, markup: unknown): readonly ManagedBotRequest[] {
  const requests = readManagedBotRequests(markup)
  if (requests.length === 0) return requests
  if (place.kind !== 'dialog') throw badRequest('managed bots can be requested in private chats only')
  if (!bot.view.can_manage_bots) throw badRequest('MANAGER_PERMISSION_MISSING')
  return requests
}

/** Paid broadcasting is a right of the bot; without it the flag does nothing, as for a bot that did not enable it. */
function isPaidSend({ bot }: Call, args: SendArgs): boolean {
  return args.allow_paid_broadcast === true && bot.isPaidBroadcastEnabled && bot.starTenths > 0
}

function findReply(place: Place, args: SendArgs): Message | null {
  const messageId = args.reply_parameters?.message_id ?? args.reply_to_message_id
  if (messageId === undefined || messageId === 0) return null
  const message = findMessage(place, messageId)
  if (message) return message
  if (args.reply_parameters?.allow_sending_without_reply) return null
  throw badRequest('message to be replied not found')
}

/** Counts the message against the limits and accepts it. */
export function commitSend(call: Call, send: PreparedSend, args: SendArgs, content: MessageContent): Message {
  const now = call.world.clock.now()
  call.limiter.admitSend(call.bot, send.place, now, send.isPaid)
  return acceptPrepared(call, send, args, content)
}

/** Accepts a message that was already counted, as the parts of an album are. */
export function acceptPrepared(call: Call, send: PreparedSend, args: SendArgs, content: MessageContent): Message {
  if (send.reply) content.reply_to_message = asReply(send.reply)
  if (args.link_preview_options) content.link_preview_options = args.link_preview_options
  if (args.protect_content) content.has_protected_content = true
  if (args.message_effect_id !== undefined) content.effect_id = args.message_effect_id
  if (send.markup) content.reply_markup = send.markup
  noteSent(call.bot, send.place, call.world.clock.now())
  const message = acceptBotMessage(call.world, call.bot, send.place, content)
  if (send.requests.length > 0) {
    const at = { bot: call.bot, userId: send.place.chatId, messageId: message.message_id }
    keepManagedBotRequests(call.world, at, send.requests)
  }
  return message
}

/** Checks and sends in one step; `M` is the message type the method promises for this content. */
export function sendContent<M extends Message>(
  call: Call,
  args: SendArgs,
  kind: ContentKind,
  content: MessageContent & Partial<M>,
): M {
  return commitSend(call, prepareSend(call, args, kind), args, content) as M
}

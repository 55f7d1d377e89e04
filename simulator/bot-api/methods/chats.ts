import type { ChatFullInfo } from '@grammyjs/types'
import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { resolveTarget } from '#simulator/bot-api/resolve-business.ts'
import { resolvePlace } from '#simulator/bot-api/resolve-chat.ts'
import { refreshChat } from '#simulator/world/chats.ts'
import { type AdminRight, hasPermission, hasRight } from '#simulator/world/members.ts'
import { postService } from '#simulator/world/membership.ts'
import { findMessage } from '#simulator/world/messages.ts'
import type { SimChat } from '#simulator/world/types.ts'
import { chatPlace } from '#simulator/world/user-actions.ts'

const GIFTS = {
  unlimited_gifts: false,
  limited_gifts: false,
  unique_gifts: false,
  premium_subscription: false,
  gifts_from_channels: false,
}

const COMMON = { accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: GIFTS }

function describeChat(chat: SimChat): ChatFullInfo {
  const about = chat.description === undefined ? {} : { description: chat.description }
  const newest = chat.pinned.at(-1)
  const pinned = newest === undefined ? null : findMessage(chatPlace(chat), newest)
  const shown = { ...COMMON, ...about, ...(pinned && { pinned_message: pinned }) }
  const { view } = chat
  switch (view.type) {
    case 'group':
      return { ...view, ...shown, permissions: chat.permissions }
    case 'supergroup':
      return {
        ...view,
        ...shown,
        permissions: chat.permissions,
        ...(chat.slowModeSeconds > 0 && { slow_mode_delay: chat.slowModeSeconds }),
      }
    case 'channel':
      return { ...view, ...shown }
  }
}

function resolveChat(call: Call, chatId: number | string, right: AdminRight, refusal: string): SimChat {
  const place = resolvePlace(call, chatId, 'write')
  if (place.kind === 'dialog') throw badRequest("can't change private chat")
  const { chat } = place
  const member = chat.members.get(call.bot.id)
  // Members of a group may do some of this too, where its permissions say so.
  const isAllowed = chat.type !== 'channel' && right in chat.permissions && hasPermission(chat, member, right as never)
  if (!hasRight(member, right) && !isAllowed) throw badRequest(refusal)
  return chat
}

const PIN_REFUSAL = 'not enough rights to manage pinned messages in the chat'

/** Pins of an owner's private chats show to nobody here; that the message is there is looked at. */
function findPersonal(
  call: Call,
  args: { business_connection_id?: string; chat_id: number | string; message_id?: number },
): true {
  const place = resolveTarget(call, args, 'edit')
  if (args.message_id !== undefined && !findMessage(place, args.message_id))
    throw badRequest('message to pin not found')
  return true
}

/** In channels posts are pinned by whoever may edit them. */
function resolvePinned(
  call: Call,
  chatId: number | string,
): { readonly pinned: number[]; readonly chat: SimChat | null } {
  const place = resolvePlace(call, chatId, 'write')
  if (place.kind === 'dialog') return { pinned: [], chat: null }
  const right = place.chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages'
  return { pinned: place.chat.pinned, chat: resolveChat(call, chatId, right, PIN_REFUSAL) }
}

export const chatMethods = {
  getChat(call, args) {
    const place = resolvePlace(call, args.chat_id, 'read')
    return place.kind === 'chat' ? describeChat(place.chat) : { ...place.dialog.user.chatView, ...COMMON }
  },
  setChatTitle(call, args) {
    const chat = resolveChat(call, args.chat_id, 'can_change_info', 'not enough rights to change chat title')
    if (args.title.trim() === '' || args.title.length > 128) throw badRequest("title can't be empty")
    chat.title = args.title
    refreshChat(chat)
    postService(call.world, chat, call.bot.userView, { new_chat_title: args.title })
    return true
  },
  setChatDescription(call, args) {
    const chat = resolveChat(call, args.chat_id, 'can_change_info', 'not enough rights to set chat description')
    const description = args.description ?? ''
    if ((chat.description ?? '') === description) throw badRequest('chat description is not modified')
    chat.description = description === '' ? undefined : description
    return true
  },
  pinChatMessage(call, args) {
    if (args.business_connection_id) return findPersonal(call, args)
    const place = resolvePlace(call, args.chat_id, 'write')
    const message = findMessage(place, args.message_id)
    if (!message) throw badRequest('message to pin not found')
    const { pinned, chat } = resolvePinned(call, args.chat_id)
    if (!pinned.includes(args.message_id)) pinned.push(args.message_id)
    if (chat) postService(call.world, chat, call.bot.userView, { pinned_message: message })
    return true
  },
  unpinChatMessage(call, args) {
    if (args.business_connection_id) return findPersonal(call, args)
    const { pinned, chat } = resolvePinned(call, args.chat_id)
    const index = args.message_id === undefined ? pinned.length - 1 : pinned.indexOf(args.message_id)
    if (chat && index < 0) throw badRequest('message to unpin not found')
    pinned.splice(Math.max(index, 0), 1)
    return true
  },
  unpinAllChatMessages(call, args) {
    resolvePinned(call, args.chat_id).pinned.length = 0
    return true
  },
  setMessageReaction(call, args) {
    const place = resolvePlace(call, args.chat_id, 'edit')
    if (!findMessage(place, args.message_id)) throw badRequest('message to react not found')
    if ((args.reaction?.length ?? 0) > 1) throw badRequest('REACTIONS_TOO_MANY')
    return true
  },
  getUserProfilePhotos(call, args) {
    if (!call.world.users.has(args.user_id)) throw badRequest('user not found')
    return { total_count: 0, photos: [] }
  },
} satisfies Handlers

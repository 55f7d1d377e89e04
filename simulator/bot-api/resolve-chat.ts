import type { Call } from '#simulator/bot-api/call.ts'
import { badRequest, forbidden } from '#simulator/bot-api/errors.ts'
import { findMember, isPresent } from '#simulator/world/members.ts'
import type { OwnPlace, SimBot, SimChat, SimUser, World } from '#simulator/world/types.ts'
import { chatPlace, dialogPlace } from '#simulator/world/user-actions.ts'

export type Access = 'read' | 'edit' | 'write'

/**
 * Finds the chat a call names and checks that the bot may use it, in the order of Client.cpp `check_chat_access`.
 * Names reach public chats and bots only, never people.
 */
export function resolvePlace({ world, bot }: Call, chatId: number | string, access: Access): OwnPlace {
  const id = typeof chatId === 'number' ? chatId : toChatId(world, chatId)
  if (id > 0) return resolvePerson(world, bot, id, access)
  const chat = world.chats.get(id)
  if (!chat) throw badRequest('chat not found')
  checkChatAccess(world, bot, chat, access)
  return chatPlace(chat)
}

function toChatId(world: World, text: string): number {
  if (!text.startsWith('@')) return /^-?\d+$/.test(text) ? Number(text) : 0
  const id = world.publicNames.get(text.slice(1).toLowerCase())
  if (id === undefined) throw badRequest('chat not found')
  return id
}

function resolvePerson(world: World, bot: SimBot, id: number, access: Access): OwnPlace {
  const user = world.users.get(id)
  if (!user) {
    if (world.bots.has(id)) throw forbidden("the bot can't send messages to the bot")
    throw badRequest('chat not found')
  }
  const dialog = bot.dialogs.get(id)
  if (!dialog && !sharesChat(world, bot, user)) throw badRequest('chat not found')
  const place = dialogPlace(bot, user)
  if (access === 'read') return place
  if (user.isDeleted) throw forbidden('user is deactivated')
  if (access === 'edit') return place
  const { isBlocked, isStarted, writeGrantUntil } = place.dialog
  if (isBlocked) throw forbidden('bot was blocked by the user')
  if (!isStarted && writeGrantUntil <= world.clock.now()) throw forbidden("bot can't initiate conversation with a user")
  return place
}

/** A bot knows the people of the chats it is in. */
function sharesChat(world: World, bot: SimBot, user: SimUser): boolean {
  for (const chat of world.chats.values()) {
    if (isPresent(chat.members.get(bot.id)) && chat.members.has(user.id)) return true
  }
  return false
}

function checkChatAccess(world: World, bot: SimBot, chat: SimChat, access: Access): void {
  const member = findMember(chat, bot.id, world.clock.now())
  const isPublic = chat.username !== undefined
  if (!member && !isPublic) throw badRequest('chat not found')
  const noun = chat.type === 'channel' ? 'channel chat' : chat.type === 'group' ? 'group chat' : 'supergroup chat'
  if (chat.migratedTo !== undefined && access === 'write') {
    throw badRequest('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: chat.migratedTo })
  }
  if (chat.isDeleted && access === 'write')
    throw forbidden(`the ${noun === 'supergroup chat' ? 'group chat' : noun} was deleted`)
  if (member?.status === 'kicked' && (chat.type !== 'group' || access !== 'read')) {
    throw forbidden(`bot was kicked from the ${noun}`)
  }
  const needsMembership = chat.type === 'group' || isPublic ? access !== 'read' : true
  if (!isPresent(member) && needsMembership) throw forbidden(`bot is not a member of the ${noun}`)
}

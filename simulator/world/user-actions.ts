import type { CallbackQuery, Message } from '@grammyjs/types'
import { pushUpdate } from '#simulator/updates/queue.ts'
import { detectEntities } from '#simulator/world/detect-entities.ts'
import { isPresent } from '#simulator/world/members.ts'
import { acceptUserMessage, findMessage, type MessageContent } from '#simulator/world/messages.ts'
import type { CallbackRecord, Place, SimBot, SimChat, SimUser, World } from '#simulator/world/types.ts'
import { touchDialog } from '#simulator/world/users.ts'

export function dialogPlace(bot: SimBot, user: SimUser): Extract<Place, { readonly kind: 'dialog' }> {
  return { kind: 'dialog', chatId: user.id, bot, dialog: touchDialog(bot, user) }
}

export function chatPlace(chat: SimChat): Extract<Place, { readonly kind: 'chat' }> {
  return { kind: 'chat', chatId: chat.id, chat }
}

/** Presses Start, with the payload of a deep link when there is one; unblocks first when the bot was blocked. */
export function startBot(world: World, user: SimUser, bot: SimBot, payload = ''): Message {
  if (!/^[\w-]{0,64}$/.test(payload)) throw new RangeError('a start payload is up to 64 characters of A-Z a-z 0-9 _ -')
  if (touchDialog(bot, user).isBlocked) unblockBot(world, user, bot)
  return sendToBot(world, user, bot, { text: payload === '' ? '/start' : `/start ${payload}` })
}

/** Writes to a bot in private; the first message opens the dialog. */
export function sendToBot(world: World, user: SimUser, bot: SimBot, content: MessageContent): Message {
  if (user.isDeleted) throw new RangeError(`user ${user.id} is deleted`)
  if (bot.addedUserIds !== null && bot.ownerId !== user.id && !bot.addedUserIds.includes(user.id)) {
    throw new RangeError(`user ${user.id} may not use bot ${bot.id}: access to it is restricted`)
  }
  const place = dialogPlace(bot, user)
  if (place.dialog.isBlocked) throw new RangeError(`user ${user.id} has blocked bot ${bot.id}`)
  place.dialog.isStarted = true
  return acceptUserMessage(world, user, place, withEntities(content))
}

/** Writes into a chat the person is a member of. */
export function sendToChat(world: World, user: SimUser, chat: SimChat, content: MessageContent): Message {
  const member = chat.members.get(user.id)
  if (!member || !isPresent(member)) throw new RangeError(`user ${user.id} is not in chat ${chat.id}`)
  member.lastMessageAt = world.clock.now()
  return acceptUserMessage(world, user, chatPlace(chat), withEntities(content))
}

function withEntities(content: MessageContent): MessageContent {
  if (content.text === undefined || content.entities !== undefined) return content
  const entities = detectEntities(content.text)
  return entities.length === 0 ? content : { ...content, entities }
}

/**
 * Presses an inline button of a bot's message: `button` is its callback data or its text, the first one when absent.
 * The bot gets a `callback_query` it can answer until the record expires.
 */
export function pressButton(
  world: World,
  user: SimUser,
  bot: SimBot,
  place: Place,
  messageId: number,
  button?: string,
): CallbackRecord {
  const message = findMessage(place, messageId)
  if (!message) throw new RangeError(`message ${messageId} is not in chat ${place.chatId}`)
  const buttons = (message.reply_markup?.inline_keyboard ?? []).flat()
  const pressed = buttons.find(
    (candidate) =>
      'callback_data' in candidate &&
      (button === undefined || candidate.callback_data === button || candidate.text === button),
  )
  if (!pressed || !('callback_data' in pressed))
    throw new RangeError(`message ${messageId} has no such callback button`)
  const now = world.clock.now()
  const record: CallbackRecord = {
    id: String(BigInt(world.random.int(1, 2_147_483_647)) * 4_294_967_296n + BigInt(world.nextId++)),
    botId: bot.id,
    userId: user.id,
    expiresAt: now + world.settings.callbackLifetimeMs,
    answer: null,
  }
  forgetExpiredCallbacks(world, now)
  world.callbacks.set(record.id, record)
  const query: CallbackQuery = {
    id: record.id,
    from: user.view,
    message,
    chat_instance: String(place.chatId),
    data: pressed.callback_data,
  }
  pushUpdate(bot.updates, 'callback_query', query, `callback:${user.id}`, now)
  return record
}

/** Callbacks are kept in the order they were made, so the expired ones are in front. */
function forgetExpiredCallbacks(world: World, now: number): void {
  for (const record of world.callbacks.values()) {
    if (record.expiresAt > now) return
    world.callbacks.delete(record.id)
  }
}

export function blockBot(world: World, user: SimUser, bot: SimBot): void {
  setBlocked(world, user, bot, true)
}

export function unblockBot(world: World, user: SimUser, bot: SimBot): void {
  setBlocked(world, user, bot, false)
}

function setBlocked(world: World, user: SimUser, bot: SimBot, isBlocked: boolean): void {
  const { dialog } = dialogPlace(bot, user)
  if (dialog.isBlocked === isBlocked) return
  dialog.isBlocked = isBlocked
  const now = world.clock.now()
  const kicked = { status: 'kicked' as const, user: bot.userView, until_date: 0 }
  const member = { status: 'member' as const, user: bot.userView }
  const update = {
    chat: user.chatView,
    from: user.view,
    date: Math.floor(now / 1000),
    old_chat_member: isBlocked ? member : kicked,
    new_chat_member: isBlocked ? kicked : member,
  }
  pushUpdate(bot.updates, 'my_chat_member', update, `mine:${user.id}`, now)
}

import type { Chat, Message, User } from '@grammyjs/types'
import { deliverToBots, deliverToConnected } from '#simulator/world/deliver.ts'
import type { Place, SimBot, SimUser, World } from '#simulator/world/types.ts'

/** A message without what the world adds: id, chat, sender and date. */
export type MessageContent = Omit<Message, 'message_id' | 'chat' | 'from' | 'date' | 'sender_chat'>

function viewOf(place: Place): Chat {
  if (place.kind === 'business') return place.personal.peer.chatView
  return place.kind === 'dialog' ? place.dialog.user.chatView : place.chat.view
}

function messagesOf(place: Place): Message[] {
  if (place.kind === 'business') return place.personal.messages
  return place.kind === 'dialog' ? place.dialog.messages : place.chat.messages
}

/** Private chats of one bot or person share a counter, every other chat has its own. */
function takeMessageId(world: World, place: Place): number {
  if (place.kind === 'dialog') return place.bot.nextMessageId++
  if (place.kind === 'chat') return place.chat.nextMessageId++
  const { nextMessageIds } = world.business
  const id = nextMessageIds.get(place.link.owner.id) ?? 1
  nextMessageIds.set(place.link.owner.id, id + 1)
  return id
}

/** The stored message, or null when it never was, was deleted, or is older than what is kept. */
export function findMessage(place: Place, messageId: number): Message | null {
  const messages = messagesOf(place)
  const index = indexOfMessage(messages, messageId)
  return messages[index] ?? null
}

/** Removes the message; false when it is not there. */
export function removeMessage(place: Place, messageId: number): boolean {
  const messages = messagesOf(place)
  const index = indexOfMessage(messages, messageId)
  if (index < 0) return false
  messages.splice(index, 1)
  return true
}

/** Ids grow, so a list of messages is sorted by them. */
function indexOfMessage(messages: readonly Message[], messageId: number): number {
  let low = 0
  let high = messages.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const id = messages[middle]?.message_id ?? 0
    if (id === messageId) return middle
    if (id < messageId) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** A message as it shows inside a reply to it: without what it replied to itself. */
export function asReply(message: Message): NonNullable<Message['reply_to_message']> {
  const { reply_to_message: _, ...rest } = message
  return rest as NonNullable<Message['reply_to_message']>
}

export function storeMessage(world: World, place: Place, message: Message): void {
  const messages = messagesOf(place)
  messages.push(message)
  const keep = world.settings.keepMessagesPerChat
  if (messages.length > keep * 2) messages.splice(0, messages.length - keep)
  for (const observer of world.observers) observer.messageStored?.(place, message)
}

/**
 * Puts a bot's message into the world: from here on Telegram has accepted it.
 * It is stored, logged as accepted, shown to the other bots of the chat and told to observers.
 */
export function acceptBotMessage(world: World, bot: SimBot, place: Place, content: MessageContent): Message {
  const now = world.clock.now()
  const message = compose(world, place, bot.userView, now, content)
  storeMessage(world, place, message)
  world.log.append({
    at: now,
    botId: bot.id,
    chatId: place.chatId,
    messageId: message.message_id,
    content: content.text ?? content.caption ?? '',
  })
  if (place.kind === 'chat') deliverToBots(world, place.chat, message, bot.id)
  for (const observer of world.observers) observer.messageAccepted?.(bot, place, message)
  return message
}

/** Puts a person's message into the world and sends it to the bots that may see it. */
export function acceptUserMessage(world: World, user: SimUser, place: Place, content: MessageContent): Message {
  const message = compose(world, place, user.view, world.clock.now(), content)
  storeMessage(world, place, message)
  if (place.kind === 'business') deliverToConnected(world, place, 'business_message', message)
  else if (place.kind === 'dialog') deliverToBots(world, place, message, null)
  else deliverToBots(world, place.chat, message, null)
  return message
}

/** Posts of a channel are the channel's own; everywhere else the sender shows. A connected bot writes as its owner. */
function compose(world: World, place: Place, sender: User, now: number, content: MessageContent): Message {
  const message_id = takeMessageId(world, place)
  const date = Math.floor(now / 1000)
  if (place.kind === 'business') {
    const { link, personal } = place
    const by = sender.is_bot ? { from: link.owner.view, sender_business_bot: sender } : { from: sender }
    return { message_id, ...by, business_connection_id: link.id, chat: personal.peer.chatView, date, ...content }
  }
  if (place.kind === 'chat' && place.chat.type === 'channel') {
    return { message_id, sender_chat: place.chat.view, chat: place.chat.view, date, ...content }
  }
  return { message_id, from: sender, chat: viewOf(place), date, ...content }
}

import type { BusinessBotRights, BusinessConnection, Message } from '@grammyjs/types'
import { pushUpdate } from '#simulator/updates/queue.ts'
import { createName } from '#simulator/world/create-world.ts'
import { deliverToConnected } from '#simulator/world/deliver.ts'
import { acceptUserMessage, asReply, findMessage, removeMessage } from '#simulator/world/messages.ts'
import type {
  BusinessLink,
  BusinessPlace,
  BusinessRecipients,
  PersonalChat,
  SimBot,
  SimUser,
  World,
} from '#simulator/world/types.ts'
import { createPacing } from '#simulator/world/users.ts'

export type BusinessSettings = {
  readonly rights: BusinessBotRights
  readonly recipients: BusinessRecipients
}

/** How a bot sees a connection. */
export function presentLink(link: BusinessLink): BusinessConnection {
  const { id, owner, rights, isEnabled: is_enabled, connectedAt } = link
  return { id, user: owner.view, user_chat_id: owner.id, date: Math.floor(connectedAt / 1000), rights, is_enabled }
}

/** Connects a bot to a person's account and tells it. A bot that was connected before is disconnected first. */
export function connectBot(world: World, owner: SimUser, bot: SimBot, settings: BusinessSettings): BusinessLink {
  if (!bot.view.can_connect_to_business) throw new RangeError(`bot ${bot.id} has no Secretary Mode`)
  if (owner.isDeleted) throw new RangeError(`user ${owner.id} is deleted`)
  if (world.business.links.get(owner.id)?.isEnabled) disconnectBot(world, owner)
  const link: BusinessLink = { id: '', owner, bot, ...settings, isEnabled: true, connectedAt: world.clock.now() }
  world.business.links.set(owner.id, link)
  renew(world, link)
  return link
}

/** Changes rights or recipients: the connection goes on under a new id. */
export function changeLink(world: World, owner: SimUser, settings: Partial<BusinessSettings>): BusinessLink {
  const link = getLink(world, owner)
  Object.assign(link, settings)
  renew(world, link)
  return link
}

export function disconnectBot(world: World, owner: SimUser): void {
  const link = getLink(world, owner)
  link.isEnabled = false
  tell(world, link)
}

function getLink(world: World, owner: SimUser): BusinessLink {
  const link = world.business.links.get(owner.id)
  if (!link?.isEnabled) throw new RangeError(`user ${owner.id} has no connected bot`)
  return link
}

function renew(world: World, link: BusinessLink): void {
  link.id = createName(world, 26)
  world.business.ids.set(link.id, link)
  tell(world, link)
}

function tell(world: World, link: BusinessLink): void {
  const key = `business_connection:${link.owner.id}`
  pushUpdate(link.bot.updates, 'business_connection', presentLink(link), key, world.clock.now())
}

/** What two people wrote to each other; null when they never did. */
export function findPersonalChat(world: World, ownerId: number, peerId: number): PersonalChat | null {
  return world.business.chats.get(`${ownerId}/${peerId}`) ?? null
}

/** The chat with somebody as the owner's account has it, opened at the first message. */
export function openPersonalChat(world: World, owner: SimUser, peer: SimUser): PersonalChat {
  const known = findPersonalChat(world, owner.id, peer.id)
  if (known) return known
  const startedAt = world.clock.now()
  const chat: PersonalChat = {
    owner,
    peer,
    messages: [],
    pacing: createPacing(),
    startedAt,
    lastInboundAt: 0,
    isBlocked: false,
  }
  world.business.chats.set(`${owner.id}/${peer.id}`, chat)
  return chat
}

/** The owner's chat with `peer` as the connected bot may work in it; it need not be connected any more. */
export function businessPlace(world: World, owner: SimUser, peer: SimUser): BusinessPlace {
  const link = world.business.links.get(owner.id)
  if (!link) throw new RangeError(`user ${owner.id} never connected a bot`)
  return { kind: 'business', chatId: peer.id, link, personal: openPersonalChat(world, owner, peer) }
}

/** One of the two writes by hand: `isInbound` when it is the other person. */
export function writePersonal(
  world: World,
  place: BusinessPlace,
  isInbound: boolean,
  text: string,
  replyTo?: number,
): Message {
  const { owner, peer } = place.personal
  const writer = isInbound ? peer : owner
  if (writer.isDeleted) throw new RangeError(`user ${writer.id} is deleted`)
  if (isInbound) place.personal.lastInboundAt = world.clock.now()
  const reply = replyTo === undefined ? null : getMessage(place, replyTo)
  return acceptUserMessage(world, writer, place, reply ? { text, reply_to_message: asReply(reply) } : { text })
}

/** Changes a text that one of the two wrote by hand, or that the bot wrote for the owner. */
export function editPersonal(world: World, place: BusinessPlace, messageId: number, text: string): void {
  const message = getMessage(place, messageId)
  Object.assign(message, { text, edit_date: Math.floor(world.clock.now() / 1000) })
  deliverToConnected(world, place, 'edited_business_message', message)
}

/** Deletes messages for both; the bot is told their numbers. */
export function deletePersonal(world: World, place: BusinessPlace, messageIds: readonly number[]): void {
  const message_ids = messageIds.filter((id) => removeMessage(place, id))
  const { link, personal } = place
  const news = { business_connection_id: link.id, chat: personal.peer.chatView, message_ids }
  if (message_ids.length > 0) deliverToConnected(world, place, 'deleted_business_messages', news)
}

function getMessage(place: BusinessPlace, messageId: number): Message {
  const message = findMessage(place, messageId)
  if (!message) throw new RangeError(`there is no message ${messageId} in the chat with ${place.chatId}`)
  return message
}

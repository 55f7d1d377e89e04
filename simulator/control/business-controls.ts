import { z } from 'zod'
import { command, ControlError, getBot, getUser, query } from '#simulator/control/control.ts'
import { byUserAndBot, id } from '#simulator/control/schemas.ts'
import {
  businessPlace,
  changeLink,
  connectBot,
  deletePersonal,
  disconnectBot,
  editPersonal,
  findPersonalChat,
  openPersonalChat,
  presentLink,
  writePersonal,
} from '#simulator/world/business.ts'
import { pressButton, startBot } from '#simulator/world/user-actions.ts'
import type { BusinessPlace, World } from '#simulator/world/types.ts'

const rights = z.record(z.string().regex(/^can_/), z.literal(true))
const recipients = z.strictObject({
  existingChats: z.boolean().default(true),
  newChats: z.boolean().default(true),
  included: z.array(id).default([]),
  excluded: z.array(id).default([]),
})
const inChat = { ownerId: id, peerId: id }
const text = z.string().min(1).max(4096)

function placeOf(
  world: World,
  { ownerId, peerId }: { readonly ownerId: number; readonly peerId: number },
): BusinessPlace {
  if (ownerId === peerId) throw new ControlError('peerId: the owner does not write to the owner')
  return businessPlace(world, getUser(world, ownerId), getUser(world, peerId))
}

/** Bots that work for a person's account, and what happens in that person's private chats. */
export const businessControls = {
  /** Connects a bot with Secretary Mode; one that was connected before is disconnected. */
  connectBusiness: command(
    byUserAndBot.extend({ rights: rights.default({ can_reply: true }), recipients: recipients.prefault({}) }),
    ({ world }, { userId, botId, ...settings }) => ({
      connectionId: connectBot(world, getUser(world, userId), getBot(world, botId), settings).id,
    }),
  ),
  /** Changes what the bot may do; the connection gets a new id. */
  updateBusiness: command(
    z.strictObject({ userId: id, rights: rights.optional(), recipients: recipients.optional() }),
    ({ world }, { userId, rights: allowed, recipients: chosen }) => ({
      connectionId: changeLink(world, getUser(world, userId), {
        ...(allowed && { rights: allowed }),
        ...(chosen && { recipients: chosen }),
      }).id,
    }),
  ),
  disconnectBusiness: command(z.strictObject({ userId: id }), ({ world }, { userId }) => {
    disconnectBot(world, getUser(world, userId))
    return {}
  }),
  getBusiness: query(z.strictObject({ userId: id }), ({ world }, { userId }) => {
    const link = world.business.links.get(userId)
    return link ? { botId: link.bot.id, ...presentLink(link) } : null
  }),
  /** Opens the chat without a message, as one that was there before the story begins. */
  openPersonalChat: command(z.strictObject(inChat), ({ world }, { ownerId, peerId }) => {
    openPersonalChat(world, getUser(world, ownerId), getUser(world, peerId))
    return {}
  }),
  /** A customer writes to the owner. */
  writeToOwner: command(
    z.strictObject({ ...inChat, text, replyTo: id.optional() }),
    ({ world }, { text: written, replyTo, ...chat }) => ({
      messageId: writePersonal(world, placeOf(world, chat), true, written, replyTo).message_id,
    }),
  ),
  /** The owner writes by hand. */
  writeAsOwner: command(
    z.strictObject({ ...inChat, text, replyTo: id.optional() }),
    ({ world }, { text: written, replyTo, ...chat }) => ({
      messageId: writePersonal(world, placeOf(world, chat), false, written, replyTo).message_id,
    }),
  ),
  editPersonal: command(
    z.strictObject({ ...inChat, messageId: id, text }),
    ({ world }, { messageId, text: written, ...chat }) => {
      editPersonal(world, placeOf(world, chat), messageId, written)
      return {}
    },
  ),
  deletePersonal: command(
    z.strictObject({ ...inChat, messageIds: z.array(id).min(1) }),
    ({ world }, { messageIds, ...chat }) => {
      deletePersonal(world, placeOf(world, chat), messageIds)
      return {}
    },
  ),
  /** The customer takes no more messages from the owner, or takes them again. */
  setOwnerBlocked: command(
    z.strictObject({ ...inChat, isBlocked: z.boolean() }),
    ({ world }, { isBlocked, ...chat }) => {
      placeOf(world, chat).personal.isBlocked = isBlocked
      return {}
    },
  ),
  /** The customer presses a button that the bot sent for the owner: of the newest message with buttons unless told. */
  pressForOwner: command(
    z.strictObject({ ...inChat, messageId: id.optional(), button: z.string().optional() }),
    ({ world }, { messageId, button, ...chat }) => {
      const place = placeOf(world, chat)
      const shown = place.personal.messages.findLast(({ reply_markup: markup }) => markup !== undefined)?.message_id
      const record = pressButton(world, place.personal.peer, place.link.bot, place, messageId ?? shown ?? 0, button)
      return { callbackQueryId: record.id, answer: record.answer }
    },
  ),
  getPersonalChat: query(z.strictObject(inChat), ({ world }, { ownerId, peerId }) => ({
    messages: findPersonalChat(world, ownerId, peerId)?.messages ?? [],
  })),
  /** The owner presses "Manage Bot" in a chat. */
  manageBusinessBot: command(z.strictObject(inChat), ({ world }, chat) => {
    const { link, chatId } = placeOf(world, chat)
    return { messageId: startBot(world, link.owner, link.bot, `bizChat${chatId}`).message_id }
  }),
}

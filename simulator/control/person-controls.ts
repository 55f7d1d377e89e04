import { z } from 'zod'
import { command, ControlError, getBot, getChat, getUser, query } from '#simulator/control/control.ts'
import { byUserAndBot, byUserAndChat, id } from '#simulator/control/schemas.ts'
import { findInviteLink } from '#simulator/world/invite-links.ts'
import { joinChat, leaveChat } from '#simulator/world/membership.ts'
import { asReply, findMessage } from '#simulator/world/messages.ts'
import { reactTo } from '#simulator/world/reactions.ts'
import type { CallbackRecord, OwnPlace, SimBot, SimUser, World } from '#simulator/world/types.ts'
import {
  blockBot,
  chatPlace,
  dialogPlace,
  pressButton,
  sendToBot,
  sendToChat,
  startBot,
  unblockBot,
} from '#simulator/world/user-actions.ts'
import { openDialog } from '#simulator/world/users.ts'

const place = { botId: id.optional(), chatId: id.optional() }

function readPlace(
  world: World,
  user: SimUser,
  input: { botId?: number | undefined; chatId?: number | undefined },
): OwnPlace {
  if (input.chatId !== undefined) return chatPlace(getChat(world, input.chatId))
  if (input.botId !== undefined) return dialogPlace(getBot(world, input.botId), user)
  throw new ControlError('botId or chatId: say where')
}

/** The newest message of the place with inline buttons, when none is named. */
function lastWithButtons(target: OwnPlace, bot: SimBot): number {
  const messages = target.kind === 'dialog' ? target.dialog.messages : target.chat.messages
  const message = messages.findLast(({ reply_markup, from }) => reply_markup !== undefined && from?.id === bot.id)
  if (!message) throw new ControlError(`messageId: bot ${bot.id} has no message with buttons there`)
  return message.message_id
}

function presentCallback(record: CallbackRecord): {
  readonly callbackQueryId: string
  readonly answer: CallbackRecord['answer']
} {
  return { callbackQueryId: record.id, answer: record.answer }
}

/** What people do. Each answers once the world has changed and the updates are queued. */
export const personControls = {
  start: command(byUserAndBot.extend({ payload: z.string().optional() }), ({ world }, { userId, botId, payload }) => ({
    messageId: startBot(world, getUser(world, userId), getBot(world, botId), payload).message_id,
  })),
  /** Opens the dialog without an update. */
  openDialog: command(byUserAndBot, ({ world }, { userId, botId }) => {
    openDialog(getBot(world, botId), getUser(world, userId))
    return {}
  }),
  sendText: command(
    z.strictObject({ userId: id, ...place, text: z.string().min(1).max(4096), replyTo: id.optional() }),
    ({ world }, { userId, text, replyTo, ...where }) => {
      const user = getUser(world, userId)
      const target = readPlace(world, user, where)
      const reply = replyTo === undefined ? null : findMessage(target, replyTo)
      if (replyTo !== undefined && !reply) throw new ControlError(`replyTo: there is no message ${replyTo}`)
      const content = reply ? { text, reply_to_message: asReply(reply) } : { text }
      const message =
        target.kind === 'dialog'
          ? sendToBot(world, user, target.bot, content)
          : sendToChat(world, user, target.chat, content)
      return { messageId: message.message_id }
    },
  ),
  press: command(
    z.strictObject({
      userId: id,
      botId: id,
      chatId: id.optional(),
      messageId: id.optional(),
      button: z.string().optional(),
    }),
    ({ world }, { userId, botId, chatId, messageId, button }) => {
      const user = getUser(world, userId)
      const bot = getBot(world, botId)
      const target = readPlace(world, user, chatId === undefined ? { botId } : { chatId })
      return presentCallback(pressButton(world, user, bot, target, messageId ?? lastWithButtons(target, bot), button))
    },
  ),
  getCallback: query(z.strictObject({ callbackQueryId: z.string() }), ({ world }, { callbackQueryId }) => {
    const record = world.callbacks.get(callbackQueryId)
    if (!record) throw new ControlError(`callbackQueryId: there is no callback ${callbackQueryId}`)
    return presentCallback(record)
  }),
  /** Sets a reaction, or takes it back with null; `before` is the one it replaces. */
  react: command(
    z.strictObject({
      userId: id,
      ...place,
      messageId: id,
      emoji: z.string().nullable(),
      before: z.string().nullable().default(null),
    }),
    ({ world }, { userId, messageId, emoji, before, ...where }) => {
      const user = getUser(world, userId)
      reactTo(world, user, readPlace(world, user, where), messageId, emoji, before)
      return {}
    },
  ),
  block: command(byUserAndBot, ({ world }, { userId, botId }) => {
    blockBot(world, getUser(world, userId), getBot(world, botId))
    return {}
  }),
  unblock: command(byUserAndBot, ({ world }, { userId, botId }) => {
    unblockBot(world, getUser(world, userId), getBot(world, botId))
    return {}
  }),
  /** Joins by chat id, or by an invite link's address. */
  join: command(
    z.strictObject({ userId: id, chatId: id.optional(), link: z.string().optional() }),
    ({ world }, { userId, chatId, link }) => {
      const user = getUser(world, userId)
      if (link === undefined) {
        if (chatId === undefined) throw new ControlError('chatId or link: say which chat')
        return { outcome: joinChat(world, user, getChat(world, chatId)) }
      }
      const found = findInviteLink(world, link)
      if (!found) throw new ControlError(`link: there is no invite link ${link}`)
      return { outcome: joinChat(world, user, found.chat, found.link) }
    },
  ),
  leave: command(byUserAndChat, ({ world }, { userId, chatId }) => {
    leaveChat(world, getUser(world, userId), getChat(world, chatId))
    return {}
  }),
}

import { z } from 'zod'
import { command, ControlError, getBot, getChat, getUser, query } from '#simulator/control/control.ts'
import { byBot, byUser, id, nothing } from '#simulator/control/schemas.ts'
import { presentBot, presentChat, presentUser } from '#simulator/control/views.ts'
import { createBot, revokeToken } from '#simulator/world/bots.ts'
import { createChat, migrateChat, NO_ADMIN_RIGHTS } from '#simulator/world/chats.ts'
import { changeMember } from '#simulator/world/membership.ts'
import { createUser, deactivateUser, openDialog, refreshUser } from '#simulator/world/users.ts'

const userFields = {
  firstName: z.string().min(1).max(64).optional(),
  lastName: z.string().max(64).optional(),
  username: z.string().min(3).max(32).optional(),
  languageCode: z.string().min(2).max(8).optional(),
  isPremium: z.boolean().optional(),
}

const permissions = z.record(z.string().regex(/^can_/), z.boolean())
const memberStatus = z.enum(['creator', 'administrator', 'member', 'restricted', 'left', 'kicked'])

/** People, bots and chats. */
export const worldControls = {
  createUser: command(z.strictObject({ id: id.min(1).optional(), ...userFields }), ({ world }, input) =>
    presentUser(createUser(world, input)),
  ),
  createUsers: command(
    z.strictObject({ count: z.number().int().min(1).max(1_000_000), startedBotId: id.optional() }),
    ({ world }, { count, startedBotId }) => {
      const bot = startedBotId === undefined ? null : getBot(world, startedBotId)
      const ids: number[] = []
      for (let index = 0; index < count; index++) {
        const user = createUser(world)
        // The dialog is open as if the person had started the bot; no update is sent, so load tests begin quiet.
        if (bot) openDialog(bot, user)
        ids.push(user.id)
      }
      return { ids }
    },
  ),
  updateUser: command(z.strictObject({ userId: id, ...userFields }), ({ world }, { userId, ...fields }) => {
    const user = getUser(world, userId)
    Object.assign(user, fields)
    refreshUser(user)
    return presentUser(user)
  }),
  deleteUser: command(byUser, ({ world }, { userId }) => {
    const user = getUser(world, userId)
    deactivateUser(user)
    return presentUser(user)
  }),
  getUser: query(byUser, ({ world }, { userId }) => presentUser(getUser(world, userId))),
  createBot: command(
    z.strictObject({
      token: z.string().optional(),
      name: z.string().optional(),
      username: z.string().optional(),
      canJoinGroups: z.boolean().optional(),
      canReadAllGroupMessages: z.boolean().optional(),
      isPaidBroadcastEnabled: z.boolean().optional(),
      starBalance: z.number().min(0).optional(),
      canManageBots: z.boolean().optional(),
      canConnectToBusiness: z.boolean().optional(),
      ownerId: id.optional(),
    }),
    ({ world }, input) => presentBot(createBot(world, input)),
  ),
  revokeToken: command(byBot.extend({ replace: z.boolean().default(false) }), ({ world }, { botId, replace }) => ({
    token: revokeToken(world, getBot(world, botId), replace),
  })),
  getBot: query(byBot, ({ world }, { botId }) => presentBot(getBot(world, botId))),
  listBots: query(nothing, ({ world }) => [...world.bots.values()].map((bot) => presentBot(bot))),
  createChat: command(
    z.strictObject({
      id: id.max(-1).optional(),
      type: z.enum(['group', 'supergroup', 'channel']),
      title: z.string().optional(),
      username: z.string().optional(),
      description: z.string().optional(),
      slowModeSeconds: z.number().int().min(0).optional(),
      permissions: permissions.optional(),
      ownerId: id.optional(),
    }),
    ({ world }, { ownerId, ...input }) =>
      presentChat(createChat(world, { ...input, owner: ownerId === undefined ? undefined : getUser(world, ownerId) })),
  ),
  updateChat: command(
    z.strictObject({
      chatId: id,
      slowModeSeconds: z.number().int().min(0).optional(),
      permissions: permissions.optional(),
      isDeleted: z.boolean().optional(),
    }),
    ({ world }, { chatId, permissions: changed, ...fields }) => {
      const chat = getChat(world, chatId)
      Object.assign(chat, fields)
      Object.assign(chat.permissions, changed)
      return presentChat(chat)
    },
  ),
  getChat: query(z.strictObject({ chatId: id }), ({ world }, { chatId }) => presentChat(getChat(world, chatId))),
  migrateChat: command(z.strictObject({ chatId: id }), ({ world }, { chatId }) =>
    presentChat(migrateChat(world, getChat(world, chatId))),
  ),
  /** Sets a person's or bot's standing in a chat, and tells the bots. */
  setMember: command(
    z.strictObject({
      chatId: id,
      memberId: id,
      status: memberStatus,
      rights: permissions.optional(),
      permissions: permissions.optional(),
      actorId: id.optional(),
    }),
    ({ world }, { chatId, memberId, status, rights, permissions: allowed, actorId }) => {
      const target = world.bots.get(memberId)?.userView ?? getUser(world, memberId).view
      if (status === 'member' && world.bots.get(memberId)?.canJoinGroups === false) {
        throw new ControlError(`memberId: bot ${memberId} may not join groups`)
      }
      const actor = actorId === undefined ? target : getUser(world, actorId).view
      const chat = getChat(world, chatId)
      changeMember(world, chat, target, actor, {
        status,
        rights: status === 'administrator' ? { ...NO_ADMIN_RIGHTS, can_manage_chat: true, ...rights } : undefined,
        permissions: allowed,
      })
      return presentChat(chat)
    },
  ),
}

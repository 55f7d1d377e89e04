import { z } from 'zod'
import { command, ControlError, getBot, getUser } from '#simulator/control/control.ts'
import { byBot, byUserAndBot, id } from '#simulator/control/schemas.ts'
import { type BotView, presentBot } from '#simulator/control/views.ts'
import { publicHexOf } from '#simulator/world/launch-key.ts'
import { issueInitData } from '#simulator/world/mini-app-launch.ts'
import {
  BotCreationRefused,
  createManagedBot,
  createOwnBot,
  deleteBot,
  findManagedBotRequests,
  giveBot,
  readCreationLink,
  replaceToken,
} from '#simulator/world/managed-bots.ts'
import type { SimBot } from '#simulator/world/types.ts'

const chosen = { name: z.string().min(1).max(64).optional(), username: z.string().optional() }

/** What Telegram's clients show as an error is a control's error too. */
function present(make: () => SimBot): BotView {
  try {
    return presentBot(make())
  } catch (error) {
    if (error instanceof BotCreationRefused) throw new ControlError(error.message)
    throw error
  }
}

/** What people do with bots of their own: through a manager bot, or with BotFather. */
export const managedBotControls = {
  /** Presses a key that asks for a managed bot and confirms what it suggests, unless told otherwise. */
  createManagedBot: command(
    z.strictObject({ userId: id, botId: id, messageId: id.optional(), requestId: id.optional(), ...chosen }),
    ({ world }, { userId, botId, messageId, requestId, name, username }) => {
      const [user, manager] = [getUser(world, userId), getBot(world, botId)]
      const requests = findManagedBotRequests(world, manager, user, messageId)
      const request = requests.find((one) => requestId === undefined || one.requestId === requestId)
      if (!request) throw new ControlError(`messageId: bot ${botId} shows no key that asks for a bot there`)
      const bot = {
        name: name ?? request.suggestedName ?? user.firstName,
        username: username ?? request.suggestedUsername ?? '',
      }
      return present(() => createManagedBot(world, manager, user, bot, 'key'))
    },
  ),
  /** Opens t.me/newbot/… and confirms. */
  createManagedBotFromLink: command(
    z.strictObject({ userId: id, link: z.string(), ...chosen }),
    ({ world }, { userId, link, name, username }) => {
      const user = getUser(world, userId)
      const asked = readCreationLink(world, link)
      if (!asked) throw new ControlError(`link: ${link} does not ask for a bot`)
      const { manager } = asked
      if (!manager) throw new ControlError('MANAGER_INVALID')
      const bot = { name: name ?? asked.name, username: username ?? asked.username }
      return present(() => createManagedBot(world, manager, user, bot, 'link'))
    },
  ),
  /** BotFather's /newbot: the answer's `token` is what the person copies out of the chat. */
  askBotFather: command(
    z.strictObject({ userId: id, name: z.string().min(1).max(64), username: z.string() }),
    ({ world }, { userId, ...bot }) => present(() => createOwnBot(world, getUser(world, userId), bot)),
  ),
  /** BotFather's /revoke: the bot has a new token, and its manager is told. */
  revokeInBotFather: command(byBot, ({ world }, { botId }) => ({ token: replaceToken(world, getBot(world, botId)) })),
  /** BotFather's /deletebot. */
  deleteBot: command(byBot, ({ world }, { botId }) => {
    deleteBot(world, getBot(world, botId))
    return {}
  }),
  /** Gives a bot to another person. */
  giveBot: command(z.strictObject({ botId: id, userId: id }), ({ world }, { botId, userId }) => {
    giveBot(world, getBot(world, botId), getUser(world, userId))
    return presentBot(getBot(world, botId))
  }),
  /** Opens a Mini App of the bot: what its page gets, and the key that third parties check the signature with. */
  issueInitData: command(
    byUserAndBot.extend({ startParam: z.string().optional(), authAt: z.number().int().min(0).optional() }),
    ({ world }, { userId, botId, ...input }) => ({
      initData: issueInitData(world, getBot(world, botId), getUser(world, userId), input),
      publicKey: publicHexOf(world.settings.initDataKey),
    }),
  ),
}

import { ManualClock } from '#server/base/clock.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import { startSimulator } from '#simulator/index.ts'

import type { ManagedBotsWorld } from './suites/telegram-managed-bots.suite.ts'

const accountOf = (token: string, apiRoot: string | null = null): TelegramAccount => ({
  tenantId: 1,
  accountId: 1,
  kind: 'bot',
  token,
  apiRoot,
})

/** The fake, with a manager and one managed bot. */
export const openFakeManagedBots = async (): Promise<ManagedBotsWorld> => {
  const { managedBots, updateFeed, refuseToken, failNext } = createFakeTelegram({ clock: new ManualClock(0) })
  const manager = accountOf('7000000001:AA-manager')
  const botTelegramId = 7_000_000_002
  const profile = {
    telegramId: botTelegramId,
    username: 'yonetilen_bot',
    displayName: 'Yönetilen',
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: false,
  }
  managedBots.addManagedBot(manager.token, profile)
  return {
    managedBots,
    manager,
    otherBot: accountOf('7000000003:AA-other'),
    botTelegramId,
    personId: 5,
    async revokeInBotFather() {
      const result = await managedBots.replaceToken(manager, botTelegramId)
      return result.kind === 'done' ? result.value : ''
    },
    deleteBot: async () => managedBots.removeManagedBot(botTelegramId),
    revokeManager: async () => refuseToken(manager.token, 'token_revoked'),
    cutNext: async () => failNext({ reason: 'connection_cut', acceptsFirst: true }),
    isAlive: async (token) => (await updateFeed.validateToken({ token, apiRoot: null })).kind === 'done',
    close: () => Promise.resolve(),
  }
}

/** The Bot API adapter against a simulator, with a manager and one managed bot. */
export const openSimulatedManagedBots = async (): Promise<ManagedBotsWorld> => {
  const simulator = await startSimulator({ limits: false, seed: 19 })
  const { control, apiRoot } = simulator
  const bot = control.createBot({ username: 'panel_bot', canManageBots: true })
  const owner = control.createUser({})
  const made = control.createManagedBotFromLink({
    userId: owner.id,
    link: 'https://t.me/newbot/panel_bot/ayse_crm_bot',
  })
  const api = createBotApi()
  return {
    managedBots: api.managedBots,
    manager: accountOf(bot.token, apiRoot),
    otherBot: accountOf(control.createBot({}).token, apiRoot),
    botTelegramId: made.id,
    personId: control.createUser({}).id,
    revokeInBotFather: async () => control.revokeInBotFather({ botId: made.id }).token,
    deleteBot: async () => void control.deleteBot({ botId: made.id }),
    revokeManager: async () => void control.revokeToken({ botId: bot.id }),
    cutNext: async () => void control.addFault({ kind: 'drop_after', botId: bot.id, times: 1 }),
    isAlive: async (token) => (await api.updateFeed.validateToken({ token, apiRoot })).kind === 'done',
    async close() {
      await api.close()
      await simulator.close()
    },
  }
}

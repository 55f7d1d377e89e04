import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import { startSimulator } from '#simulator/index.ts'

import { faultOf, seenMessages } from './simulated-telegram.ts'
import type { SenderWorld } from './suites/telegram-world.ts'

/** The Bot API adapter, unchanged, speaking for the owner of a business account of a simulator of its own. */
export const openSimulatedBusinessTelegram = async (): Promise<SenderWorld> => {
  const simulator = await startSimulator({ limits: false, seed: 7 })
  const { control } = simulator
  const bot = control.createBot({ canConnectToBusiness: true })
  const ownerId = control.createUser({ firstName: 'Deniz' }).id
  const rights = { can_reply: true, can_delete_outgoing_messages: true } as const
  const { connectionId } = control.connectBusiness({ userId: ownerId, botId: bot.id, rights })
  const api = createBotApi()
  const account: TelegramAccount = {
    tenantId: 1,
    accountId: 1,
    kind: 'business',
    token: bot.token,
    apiRoot: simulator.apiRoot,
    businessConnectionId: connectionId,
  }
  const onlyPrivate = (): never => {
    throw new Error('a business account speaks in private chats only')
  }
  return {
    sender: api.sender,
    account,
    unknownChatId: 987_654_321_012,
    async addPerson(standing) {
      const { id: peerId } = control.createUser({})
      if (standing !== 'never_started') control.writeToOwner({ ownerId, peerId, text: 'Selam' })
      if (standing === 'blocked') control.setOwnerBlocked({ ownerId, peerId, isBlocked: true })
      if (standing === 'deactivated') control.deleteUser({ userId: peerId })
      return peerId
    },
    addGroup: onlyPrivate,
    migrate: onlyPrivate,
    pressButton: async (peerId) => control.pressForOwner({ ownerId, peerId }).callbackQueryId,
    async revokeToken() {
      control.revokeToken({ botId: bot.id })
    },
    async failNext(chatId, fault) {
      control.addFault({ ...faultOf(fault), chatId, times: 1 })
    },
    messagesIn: async (peerId) =>
      seenMessages(
        control.getPersonalChat({ ownerId, peerId }).messages.filter((message) => message.sender_business_bot),
      ),
    async close() {
      await api.close()
      await simulator.close()
    },
  }
}

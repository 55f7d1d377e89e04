import type { BotAccess, TelegramManagedBots } from '../../managed-bots.ts'
import { callBotApi } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { asAct, asValue, isInteger, isObject } from './read-result.ts'

/** A manager's calls about the bots it manages. */
export const createBotApiManagedBots = (transport: HttpTransport): TelegramManagedBots => ({
  async getToken(manager, botTelegramId) {
    const params = { user_id: botTelegramId }
    return asValue(await callBotApi(transport, manager, 'getManagedBotToken', params, { repeatable: true }), readToken)
  },

  async replaceToken(manager, botTelegramId) {
    const params = { user_id: botTelegramId }
    const reply = await callBotApi(transport, manager, 'replaceManagedBotToken', params, { repeatable: true })
    return asValue(reply, readToken)
  },

  async getAccess(manager, botTelegramId) {
    const params = { user_id: botTelegramId }
    const reply = await callBotApi(transport, manager, 'getManagedBotAccessSettings', params, { repeatable: true })
    return asValue(reply, readAccess)
  },

  async setAccess(manager, botTelegramId, { isRestricted, addedUserIds }) {
    const params = {
      user_id: botTelegramId,
      is_access_restricted: isRestricted,
      ...(isRestricted ? { added_user_ids: [...addedUserIds] } : {}),
    }
    return asAct(await callBotApi(transport, manager, 'setManagedBotAccessSettings', params, { repeatable: true }))
  },
})

const readToken = (result: unknown): string | undefined => (typeof result === 'string' ? result : undefined)

const readAccess = (result: unknown): BotAccess | undefined => {
  if (!isObject(result) || typeof result['is_access_restricted'] !== 'boolean') return undefined
  const added = Array.isArray(result['added_users']) ? result['added_users'] : []
  const addedUserIds = added.flatMap((user: unknown) => (isObject(user) && isInteger(user['id']) ? [user['id']] : []))
  return { isRestricted: result['is_access_restricted'], addedUserIds }
}

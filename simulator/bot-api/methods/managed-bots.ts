import type { BotAccessSettings } from '@grammyjs/types'
import type { Call, Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { replaceToken } from '#simulator/world/managed-bots.ts'
import type { SimBot } from '#simulator/world/types.ts'

const MAX_ADDED_USERS = 10

/** A bot the caller manages; bots of others and people answer alike. */
function findManaged({ world, bot }: Call, userId: number): SimBot {
  const managed = world.bots.get(userId)
  if (!managed && !world.users.has(userId)) throw badRequest('user not found')
  if (managed?.managerId !== bot.id) throw badRequest('BOT_INVALID')
  return managed
}

export const managedBotMethods = {
  getManagedBotToken: (call, { user_id: userId }) => findManaged(call, userId).token,
  replaceManagedBotToken: (call, { user_id: userId }) => replaceToken(call.world, findManaged(call, userId)),
  getManagedBotAccessSettings(call, { user_id: userId }): BotAccessSettings {
    const { addedUserIds } = findManaged(call, userId)
    if (addedUserIds === null) return { is_access_restricted: false }
    const users = addedUserIds.flatMap((id) => call.world.users.get(id)?.view ?? [])
    return { is_access_restricted: true, ...(users.length > 0 && { added_users: users }) }
  },
  setManagedBotAccessSettings(call, { user_id: userId, is_access_restricted: isRestricted, added_user_ids: ids = [] }) {
    const managed = findManaged(call, userId)
    if (!isRestricted) {
      managed.addedUserIds = null
      return true
    }
    if (ids.length > MAX_ADDED_USERS) throw badRequest('USERS_TOO_MUCH')
    for (const id of ids) if (!call.world.users.has(id)) throw badRequest('user not found')
    managed.addedUserIds = [...new Set(ids)]
    return true
  },
} satisfies Handlers

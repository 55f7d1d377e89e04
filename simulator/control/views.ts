import type { SimBot, SimChat, SimUser } from '#simulator/world/types.ts'

export type UserView = {
  readonly id: number
  readonly firstName: string
  readonly lastName: string | null
  readonly username: string | null
  readonly languageCode: string | null
  readonly isPremium: boolean
  readonly isDeleted: boolean
}

export type BotView = {
  readonly id: number
  readonly token: string
  readonly name: string
  readonly username: string
  readonly isRevoked: boolean
  readonly ownerId: number | null
  readonly managerId: number | null
  readonly starBalance: number
  readonly dialogs: number
  readonly pendingUpdates: number
  readonly pushedUpdates: number
  readonly expiredUpdates: number
}

export type ChatView = {
  readonly id: number
  readonly type: SimChat['type']
  readonly title: string
  readonly username: string | null
  readonly slowModeSeconds: number
  readonly isDeleted: boolean
  readonly migratedTo: number | null
  readonly members: Readonly<Record<string, string>>
  readonly joinRequests: readonly number[]
}

export function presentUser(user: SimUser): UserView {
  const { id, firstName, lastName = null, username = null, languageCode = null, isPremium, isDeleted } = user
  return { id, firstName, lastName, username, languageCode, isPremium, isDeleted }
}

export function presentBot(bot: SimBot): BotView {
  return {
    id: bot.id,
    token: bot.token,
    name: bot.name,
    username: bot.username,
    isRevoked: bot.isRevoked,
    ownerId: bot.ownerId,
    managerId: bot.managerId,
    starBalance: bot.starTenths / 10,
    dialogs: bot.dialogs.size,
    pendingUpdates: bot.updates.pending.size,
    pushedUpdates: bot.updates.pushedCount,
    expiredUpdates: bot.updates.expiredCount,
  }
}

export function presentChat(chat: SimChat): ChatView {
  const { id, type, title, username = null, slowModeSeconds, isDeleted, migratedTo = null } = chat
  const members = Object.fromEntries([...chat.members].map(([memberId, member]) => [memberId, member.status]))
  return {
    id,
    type,
    title,
    username,
    slowModeSeconds,
    isDeleted,
    migratedTo,
    members,
    joinRequests: [...chat.joinRequests.keys()],
  }
}

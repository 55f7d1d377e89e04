import { createUpdateQueue } from '#simulator/updates/queue.ts'
import { createName, ID_BASE } from '#simulator/world/create-world.ts'
import type { SimBot, World } from '#simulator/world/types.ts'

export type BotInput = {
  readonly token?: string | undefined
  readonly name?: string | undefined
  /** Ends in "bot"; must be free. */
  readonly username?: string | undefined
  readonly canJoinGroups?: boolean | undefined
  readonly canReadAllGroupMessages?: boolean | undefined
  readonly isPaidBroadcastEnabled?: boolean | undefined
  readonly starBalance?: number | undefined
  /** Bot Management Mode of BotFather. */
  readonly canManageBots?: boolean | undefined
  readonly canConnectToBusiness?: boolean | undefined
  readonly ownerId?: number | undefined
  readonly managerId?: number | undefined
}

/** Creates a bot as BotFather would; the id is the part of the token before the colon. */
export function createBot(world: World, input: BotInput = {}): SimBot {
  const serial = world.nextId++
  const token = input.token ?? `${ID_BASE.bot + serial}:${createName(world, 35)}`
  const parts = /^(\d{1,16}):([\w-]+)$/.exec(token)
  if (!parts?.[1] || !parts[2]) throw new RangeError('a bot token looks like 123456:ABC-def')
  const id = Number(parts[1])
  const username = input.username ?? `test_${serial}_bot`
  if (world.bots.has(id) || world.users.has(id)) throw new RangeError(`bot id ${id} is taken`)
  if (world.publicNames.has(username.toLowerCase())) throw new RangeError(`username ${username} is taken`)
  const name = input.name ?? `Test bot ${serial}`
  const userView = { id, is_bot: true as const, first_name: name, username }
  const bot: SimBot = {
    id,
    secret: parts[2],
    token,
    name,
    username,
    isRevoked: false,
    canJoinGroups: input.canJoinGroups ?? true,
    canReadAllGroupMessages: input.canReadAllGroupMessages ?? false,
    starTenths: Math.round((input.starBalance ?? 0) * 10),
    isPaidBroadcastEnabled: input.isPaidBroadcastEnabled ?? false,
    userView,
    view: {
      ...userView,
      can_join_groups: input.canJoinGroups ?? true,
      can_read_all_group_messages: input.canReadAllGroupMessages ?? false,
      supports_inline_queries: false,
      can_connect_to_business: input.canConnectToBusiness ?? false,
      has_main_web_app: false,
      has_topics_enabled: false,
      allows_users_to_create_topics: false,
      can_manage_bots: input.canManageBots ?? false,
      supports_join_request_queries: false,
    },
    dialogs: new Map(),
    chatPacing: new Map(),
    second: [],
    updates: createUpdateQueue(world.random.fork(`updates/${id}`)),
    nextMessageId: 1,
    ownerId: input.ownerId ?? null,
    managerId: input.managerId ?? null,
    addedUserIds: null,
    settings: {
      commands: new Map(),
      names: new Map(),
      descriptions: new Map(),
      shortDescriptions: new Map(),
      menuButtons: new Map(),
      defaultRights: new Map(),
    },
  }
  world.bots.set(id, bot)
  world.botsByToken.set(token, bot)
  world.publicNames.set(username.toLowerCase(), id)
  return bot
}

/** Revokes the token; with `replace` the bot gets a new one, which is returned. */
export function revokeToken(world: World, bot: SimBot, replace: boolean): string | null {
  world.botsByToken.delete(bot.token)
  if (!replace) {
    bot.isRevoked = true
    return null
  }
  bot.token = `${bot.id}:${createName(world, 35)}`
  bot.isRevoked = false
  world.botsByToken.set(bot.token, bot)
  return bot.token
}

import { pushUpdate } from '#simulator/updates/queue.ts'
import { createBot, revokeToken } from '#simulator/world/bots.ts'
import { acceptUserMessage } from '#simulator/world/messages.ts'
import type { ManagedBotRequest, SimBot, SimUser, World } from '#simulator/world/types.ts'
import { dialogPlace } from '#simulator/world/user-actions.ts'

/** Why Telegram makes no bot; the raw name its clients see (method bots.createBot). */
export class BotCreationRefused extends Error {}

export type NewManagedBot = { readonly name: string; readonly username: string }

/**
 * A person makes a bot that `manager` manages, from a link or from a key. The manager gets `managed_bot`, and a key's
 * message is answered by the service message `managed_bot_created`. Throws {@link BotCreationRefused}.
 */
export function createManagedBot(
  world: World,
  manager: SimBot,
  owner: SimUser,
  { name, username }: NewManagedBot,
  from: 'link' | 'key',
): SimBot {
  checkCreation(world, manager, owner, name, username)
  const bot = createBot(world, { name, username, ownerId: owner.id, managerId: manager.id })
  tellManager(world, bot)
  if (from === 'key') {
    const place = dialogPlace(manager, owner)
    place.dialog.isStarted = true
    acceptUserMessage(world, owner, place, { managed_bot_created: { bot: bot.userView } })
  }
  return bot
}

function checkCreation(world: World, manager: SimBot, owner: SimUser, name: string, username: string): void {
  if (manager.isRevoked && manager.ownerId === null) throw new BotCreationRefused('MANAGER_INVALID')
  if (!manager.view.can_manage_bots) throw new BotCreationRefused('MANAGER_PERMISSION_MISSING')
  if (name === '' || name.length > 64) throw new BotCreationRefused('NAME_INVALID')
  checkUsername(world, username)
  checkBotCount(world, owner)
}

function checkUsername(world: World, username: string): void {
  if (!/^[a-z](?:\w(?!__)){3,30}\w$/i.test(username)) throw new BotCreationRefused('USERNAME_INVALID')
  if (!/bot$/i.test(username)) throw new BotCreationRefused('USERNAME_SUFFIX_MISSING')
  if (world.publicNames.has(username.toLowerCase())) throw new BotCreationRefused('USERNAME_OCCUPIED')
}

function checkBotCount(world: World, owner: SimUser): void {
  const { regular, premium } = world.settings.botsPerPerson
  let owned = 0
  for (const bot of world.bots.values()) if (bot.ownerId === owner.id) owned += 1
  if (owned >= (owner.isPremium ? premium : regular)) throw new BotCreationRefused('BOT_CREATE_LIMIT_EXCEEDED')
}

/** Asks BotFather for a bot that nobody manages. Throws {@link BotCreationRefused}. */
export function createOwnBot(world: World, owner: SimUser, { name, username }: NewManagedBot): SimBot {
  if (name === '' || name.length > 64) throw new BotCreationRefused('NAME_INVALID')
  checkUsername(world, username)
  checkBotCount(world, owner)
  return createBot(world, { name, username, ownerId: owner.id })
}

/** The manager learns of a new bot, a new token or a new owner. */
function tellManager(world: World, bot: SimBot): void {
  const manager = world.bots.get(bot.managerId ?? 0)
  const owner = world.users.get(bot.ownerId ?? 0)
  if (!manager || !owner) return
  const update = { user: owner.view, bot: bot.userView }
  pushUpdate(manager.updates, 'managed_bot', update, `managed:${bot.id}`, world.clock.now())
}

/** Gives the bot a new token and tells its manager; whoever held the old one gets 401 at once. Returns the new one. */
export function replaceToken(world: World, bot: SimBot): string {
  const token = revokeToken(world, bot, true) ?? ''
  tellManager(world, bot)
  return token
}

/** Its owner deletes the bot in BotFather: no token works any more and its name is free. */
export function deleteBot(world: World, bot: SimBot): void {
  revokeToken(world, bot, false)
  world.publicNames.delete(bot.username.toLowerCase())
  bot.ownerId = null
  bot.managerId = null
}

/** Gives the bot to somebody else; its manager is told. */
export function giveBot(world: World, bot: SimBot, owner: SimUser): void {
  bot.ownerId = owner.id
  tellManager(world, bot)
}

/** The bot behind `t.me/newbot/<manager>/<username>?name=<name>`, with what the link suggests; null for another link. */
export function readCreationLink(
  world: World,
  link: string,
): { readonly manager: SimBot | null; readonly username: string; readonly name: string } | null {
  if (!URL.canParse(link)) return null
  const { hostname, pathname, searchParams } = new URL(link)
  const [, kind, managerName = '', username = ''] = pathname.split('/')
  if (hostname !== 't.me' || kind !== 'newbot') return null
  const manager = world.bots.get(world.publicNames.get(managerName.toLowerCase()) ?? 0) ?? null
  return { manager, username, name: searchParams.get('name') ?? username }
}

/** Remembers the keys of a message that ask for managed bots. */
export function keepManagedBotRequests(
  world: World,
  at: { readonly bot: SimBot; readonly userId: number; readonly messageId: number },
  requests: readonly ManagedBotRequest[],
): void {
  if (requests.length > 0) world.managedBotRequests.set(`${at.bot.id}/${at.userId}/${at.messageId}`, requests)
}

/** The keys of a message, or of the newest message of the dialog that has any. */
export function findManagedBotRequests(
  world: World,
  bot: SimBot,
  user: SimUser,
  messageId: number | undefined,
): readonly ManagedBotRequest[] {
  const of = (id: number) => world.managedBotRequests.get(`${bot.id}/${user.id}/${id}`)
  if (messageId !== undefined) return of(messageId) ?? []
  const messages = bot.dialogs.get(user.id)?.messages ?? []
  const shown = messages.findLast((message) => of(message.message_id) !== undefined)
  return shown ? (of(shown.message_id) ?? []) : []
}

import type { User } from '@grammyjs/types'
import { ID_BASE } from '#simulator/world/create-world.ts'
import type { Dialog, Pacing, SimBot, SimUser, World } from '#simulator/world/types.ts'

export type UserInput = {
  readonly id?: number | undefined
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
  readonly username?: string | undefined
  readonly languageCode?: string | undefined
  readonly isPremium?: boolean | undefined
}

/** Creates a person. The id is chosen when absent; an id or username in use is refused. */
export function createUser(world: World, input: UserInput = {}): SimUser {
  const id = input.id ?? ID_BASE.user + world.nextId++
  if (world.users.has(id) || world.bots.has(id)) throw new RangeError(`user id ${id} is taken`)
  const user: SimUser = {
    id,
    firstName: input.firstName ?? `Test ${id}`,
    lastName: input.lastName,
    username: input.username,
    languageCode: input.languageCode ?? 'tr',
    isPremium: input.isPremium ?? false,
    isDeleted: false,
    view: { id, is_bot: false, first_name: '' },
    chatView: { id, type: 'private', first_name: '' },
  }
  refreshUser(user)
  world.users.set(id, user)
  return user
}

/** Rebuilds what bots see of a person after a field changed. */
export function refreshUser(user: SimUser): void {
  const first = user.isDeleted ? '' : user.firstName
  const view: User = { id: user.id, is_bot: false, first_name: first }
  user.chatView = { id: user.id, type: 'private', first_name: first }
  if (!user.isDeleted) {
    if (user.lastName !== undefined) {
      view.last_name = user.lastName
      user.chatView.last_name = user.lastName
    }
    if (user.username !== undefined) {
      view.username = user.username
      user.chatView.username = user.username
    }
    if (user.languageCode !== undefined) view.language_code = user.languageCode
    if (user.isPremium) view.is_premium = true
  }
  user.view = view
}

/** Deletes a person's Telegram account: bots get `user is deactivated` from now on. */
export function deactivateUser(user: SimUser): void {
  user.isDeleted = true
  refreshUser(user)
}

/** The dialog of a bot with a person, made on first contact; making it lets the bot know the person exists. */
export function touchDialog(bot: SimBot, user: SimUser): Dialog {
  const known = bot.dialogs.get(user.id)
  if (known) return known
  const dialog: Dialog = {
    user,
    isStarted: false,
    isBlocked: false,
    writeGrantUntil: 0,
    messages: [],
    pacing: createPacing(),
  }
  bot.dialogs.set(user.id, dialog)
  return dialog
}

export function createPacing(): Pacing {
  return { fullAt: 0, penaltyUntil: 0, minute: null }
}

/** Opens a dialog silently, as if the person had started the bot before the story begins. */
export function openDialog(bot: SimBot, user: SimUser): Dialog {
  const dialog = touchDialog(bot, user)
  dialog.isStarted = true
  return dialog
}

import type { BotCommandScope, ChatAdministratorRights } from '@grammyjs/types'
import type { Handlers } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { NO_ADMIN_RIGHTS } from '#simulator/world/chats.ts'

/** Settings are kept per scope and language, as one key. */
function scopeKey(scope: BotCommandScope | undefined, language: string | undefined): string {
  return `${JSON.stringify(scope ?? { type: 'default' })}/${language ?? ''}`
}

function setText(store: Map<string, string>, language: string | undefined, text: string | undefined): true {
  if (text === undefined || text === '') store.delete(language ?? '')
  else store.set(language ?? '', text)
  return true
}

function getText(store: ReadonlyMap<string, string>, language: string | undefined, otherwise: string): string {
  return store.get(language ?? '') ?? store.get('') ?? otherwise
}

export const botMethods = {
  getMe: ({ bot }) => bot.view,
  logOut: () => true,
  close: () => true,
  setMyCommands({ bot }, args) {
    if (args.commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH')
    for (const { command, description } of args.commands) {
      if (!/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
      if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
    }
    bot.settings.commands.set(scopeKey(args.scope, args.language_code), args.commands)
    return true
  },
  getMyCommands: ({ bot }, args) => [...(bot.settings.commands.get(scopeKey(args.scope, args.language_code)) ?? [])],
  deleteMyCommands({ bot }, args) {
    bot.settings.commands.delete(scopeKey(args.scope, args.language_code))
    return true
  },
  setMyName: ({ bot }, args) => setText(bot.settings.names, args.language_code, args.name),
  getMyName: ({ bot }, args) => ({ name: getText(bot.settings.names, args.language_code, bot.name) }),
  setMyDescription: ({ bot }, args) => setText(bot.settings.descriptions, args.language_code, args.description),
  getMyDescription: ({ bot }, args) => ({ description: getText(bot.settings.descriptions, args.language_code, '') }),
  setMyShortDescription: ({ bot }, args) =>
    setText(bot.settings.shortDescriptions, args.language_code, args.short_description),
  getMyShortDescription: ({ bot }, args) => ({
    short_description: getText(bot.settings.shortDescriptions, args.language_code, ''),
  }),
  setChatMenuButton({ bot }, args) {
    bot.settings.menuButtons.set(args.chat_id ?? 0, args.menu_button ?? { type: 'default' })
    return true
  },
  getChatMenuButton({ bot }, args) {
    const { menuButtons } = bot.settings
    return menuButtons.get(args.chat_id ?? 0) ?? menuButtons.get(0) ?? { type: 'commands' }
  },
  setMyDefaultAdministratorRights({ bot }, args) {
    const key = args.for_channels ? 'channel' : 'group'
    if (args.rights) bot.settings.defaultRights.set(key, args.rights)
    else bot.settings.defaultRights.delete(key)
    return true
  },
  getMyDefaultAdministratorRights({ bot }, args): ChatAdministratorRights {
    return bot.settings.defaultRights.get(args.for_channels ? 'channel' : 'group') ?? NO_ADMIN_RIGHTS
  },
  getMyStarBalance: ({ bot }) => ({ amount: Math.floor(bot.starTenths / 10) }),
} satisfies Handlers

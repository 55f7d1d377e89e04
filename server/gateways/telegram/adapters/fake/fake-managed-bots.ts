import type { CallFailure } from '../../call-result.ts'
import type { BotAccess, TelegramManagedBots } from '../../managed-bots.ts'
import type { BotProfile } from '../../update-feed.ts'
import type { FakeUpdateFeed } from './fake-update-feed.ts'
import type { FakeWorld } from './fake-world.ts'

interface ManagedBot {
  readonly managerToken: string
  readonly profile: BotProfile
  token: string
  access: BotAccess
}

export interface FakeManagedBots extends TelegramManagedBots {
  /** Somebody makes a bot for the manager with this token; answers the bot's token. */
  addManagedBot(managerToken: string, profile: BotProfile): string
  /** Its owner deletes the bot, or takes it from the manager. */
  removeManagedBot(botTelegramId: number): void
}

const missing: CallFailure = { kind: 'rejected', reason: 'managed_bot_missing', errorCode: 400 }

/** Managed bots in memory; their tokens are known to the update feed, and the old one dies with a replacement. */
export const createFakeManagedBots = (world: FakeWorld, feed: FakeUpdateFeed): FakeManagedBots => {
  const bots = new Map<number, ManagedBot>()
  let serial = 0
  const newToken = (botTelegramId: number): string => `${botTelegramId}:AA-${String((serial += 1)).padStart(32, '0')}`

  const withBot = async <T>(managerToken: string, botTelegramId: number, act: (bot: ManagedBot) => T) => {
    const refusal = world.takeRefusal(managerToken, undefined)
    if (refusal && refusal.result !== 'reached' && !refusal.acceptsFirst) return refusal.result
    const bot = bots.get(botTelegramId)
    if (bot?.managerToken !== managerToken) return missing
    const value = act(bot)
    // Accepted, and the answer lost: these calls are repeatable, so it may be tried again.
    if (refusal && refusal.result !== 'reached') {
      return { kind: 'retry', afterMs: 1_000, scope: 'account', reason: 'connection_cut' } as const
    }
    return { kind: 'done', value } as const
  }

  return {
    addManagedBot(managerToken, profile) {
      const token = newToken(profile.telegramId)
      bots.set(profile.telegramId, {
        managerToken,
        profile,
        token,
        access: { isRestricted: false, addedUserIds: [] },
      })
      feed.addBot(token, profile)
      return token
    },
    removeManagedBot(botTelegramId) {
      const bot = bots.get(botTelegramId)
      if (bot) world.refuseToken(bot.token, 'token_revoked')
      bots.delete(botTelegramId)
    },
    getToken: ({ token }, id) => withBot(token, id, (bot) => bot.token),
    replaceToken: ({ token }, id) =>
      withBot(token, id, (bot) => {
        world.refuseToken(bot.token, 'token_revoked')
        bot.token = newToken(id)
        feed.addBot(bot.token, bot.profile)
        return bot.token
      }),
    getAccess: ({ token }, id) => withBot(token, id, (bot) => bot.access),
    setAccess: async ({ token }, id, access) => {
      const result = await withBot(token, id, (bot) => {
        bot.access = access.isRestricted ? access : { isRestricted: false, addedUserIds: [] }
      })
      return result.kind === 'done' ? { kind: 'done' } : result
    },
  }
}

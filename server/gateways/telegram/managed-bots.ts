import type { ActResult, CallResult } from './call-result.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** Who may use a managed bot. */
export interface BotAccess {
  /** True while only its owner and `addedUserIds` may. */
  readonly isRestricted: boolean
  /** Up to 10; empty while everybody may. */
  readonly addedUserIds: readonly number[]
}

/**
 * What a manager bot can do about the bots that people made for it to manage. A bot it does not manage (any more) ends
 * as `rejected` with `managed_bot_missing`. All calls are repeatable: a second `replaceToken` makes one more token, and
 * `getToken` always answers the one that works.
 */
export interface TelegramManagedBots {
  getToken(manager: TelegramAccount, botTelegramId: number): Promise<CallResult<string>>
  /** Makes a new token; the old one is refused from then on. */
  replaceToken(manager: TelegramAccount, botTelegramId: number): Promise<CallResult<string>>
  getAccess(manager: TelegramAccount, botTelegramId: number): Promise<CallResult<BotAccess>>
  setAccess(manager: TelegramAccount, botTelegramId: number, access: BotAccess): Promise<ActResult>
}

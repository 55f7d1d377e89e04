// People's own accounts: the adapter that speaks for them is loaded at its first use, and only where it is set up.
import type { Clock } from './base/clock.ts'
import { AppError } from './base/errors.ts'
import type { SecretBox } from './base/secret.ts'
import type { UserAccountSettings } from './config.ts'
import type { Db } from './db/pool.ts'
import type { Mtproto } from './gateways/telegram/adapters/mtproto/create-mtproto.ts'
import type { TelegramLogin } from './gateways/telegram/login.ts'
import type { TelegramAccount, TelegramSender } from './gateways/telegram/sender.ts'
import { createUserSessionStore } from './modules/accounts/index.ts'

export interface UserTelegram {
  /** False where the installation has no TELEGRAM_API_ID. */
  readonly isSetUp: boolean
  /** Server of new sessions; Telegram's own when null. */
  readonly apiRoot: string | null
  /** Errors: `unavailable/user_accounts_off` where it is not set up. */
  open(): Promise<Mtproto>
  login(): Promise<TelegramLogin>
  /** Closes what was opened. */
  close(): Promise<void>
}

export const createUserTelegram = (
  deps: { readonly db: Db; readonly box: SecretBox; readonly clock: Clock },
  settings: UserAccountSettings | null,
): UserTelegram => {
  let opened: Promise<Mtproto> | null = null
  const load = async ({ apiId, apiHash }: UserAccountSettings): Promise<Mtproto> => {
    const { createMtproto } = await import('./gateways/telegram/adapters/mtproto/create-mtproto.ts')
    return createMtproto({ apiId, apiHash, store: createUserSessionStore(deps) })
  }
  const open = async (): Promise<Mtproto> => {
    if (!settings) throw new AppError('unavailable', 'user_accounts_off', { field: 'TELEGRAM_API_ID' })
    return (opened ??= load(settings))
  }
  return {
    isSetUp: settings !== null,
    apiRoot: settings?.apiRoot ?? null,
    open,
    login: async () => (await open()).login,
    async close() {
      await (await opened)?.close()
    },
  }
}

/** Nobody can speak for the account here: a refusal, since another process may be able to. */
const OFF = { kind: 'rejected', reason: 'method_unknown', errorCode: 0 } as const

/** Sends as bots through `bots`, and as people through `users`. */
export const routeSender = (bots: TelegramSender, users: Pick<UserTelegram, 'isSetUp' | 'open'>): TelegramSender => {
  const senderOf = async ({ kind }: TelegramAccount): Promise<TelegramSender | null> => {
    if (kind !== 'user') return bots
    return users.isSetUp ? (await users.open()).sender : null
  }
  return {
    async send(account, message, signal) {
      return (await senderOf(account))?.send(account, message, signal) ?? OFF
    },
    async editText(account, chatId, messageId, message) {
      return (await senderOf(account))?.editText(account, chatId, messageId, message) ?? OFF
    },
    async deleteMessage(account, chatId, messageId) {
      return (await senderOf(account))?.deleteMessage(account, chatId, messageId) ?? OFF
    },
    async answerCallback(account, callbackId, text) {
      return (await senderOf(account))?.answerCallback(account, callbackId, text) ?? OFF
    },
    async showThinking(account, chatId, draftId) {
      return (await senderOf(account))?.showThinking(account, chatId, draftId) ?? OFF
    },
  }
}

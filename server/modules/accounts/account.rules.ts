import type { AccountHealth, AccountKind, AccountState } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

export const UPDATE_MODES = ['polling', 'webhook', 'off'] as const
export type UpdateMode = (typeof UPDATE_MODES)[number]

export type { AccountHealth }

/** `panel`: the bot customers and operators use; its updates are none of the tenant's contacts. */
export const ACCOUNT_PURPOSES = ['contacts', 'panel'] as const
export type AccountPurpose = (typeof ACCOUNT_PURPOSES)[number]

/** How an account came to be linked. */
export const LINK_WAYS = ['token', 'managed', 'business', 'session'] as const
export type LinkWay = (typeof LINK_WAYS)[number]

/** An account as lists and screens show it; its secrets stay sealed. */
export interface Account {
  readonly id: number
  readonly tenantId: number
  readonly kind: AccountKind
  readonly purpose: AccountPurpose
  readonly linkedBy: LinkWay
  readonly state: AccountState
  /** Why it is paused or disconnected; null while active. */
  readonly stateReason: string | null
  readonly telegramId: number
  readonly displayName: string
  readonly username: string | null
  readonly updateMode: UpdateMode
  readonly health: AccountHealth
  readonly healthReason: string | null
  /** Why nothing is sent through it; null while sending is allowed. */
  readonly sendingStopped: string | null
  /** Until when Telegram asked the whole account to wait; epoch milliseconds, or null. */
  readonly waitingUntil: number | null
  readonly linkedAt: number
  /** The person who linked it, by Telegram id; null for accounts linked by the operator's settings. */
  readonly ownerTelegramId: number | null
  /** What a business account's owner allows us, by Telegram's names (`can_reply`, …); null for other kinds. */
  readonly businessRights: readonly string[] | null
}

/** The channel on which processes hear that an account was linked, changed or lost; the row's triggers send it. */
export const ACCOUNT_CHANNEL = 'gavatcore_account'

const TOKEN = /^(\d{5,20}):[A-Za-z0-9_-]{30,64}$/

/** The token without surrounding blanks. Errors: `invalid/bot_token_format`; the token itself is never repeated. */
export const checkBotToken = (given: string): string => {
  const token = given.trim()
  if (!TOKEN.test(token)) throw invalid('bot_token_format', 'token', { length: token.length })
  return token
}

/** What a sealed token is bound to: it opens for no other tenant and no other bot. */
export const tokenContext = (tenantId: number, telegramId: number): string => `account.token:${tenantId}:${telegramId}`

export const webhookSecretContext = (tenantId: number, telegramId: number): string =>
  `account.webhook_secret:${tenantId}:${telegramId}`

import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import type { TelegramLogin } from '#server/gateways/telegram/login.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

/** What logging people's own accounts in needs. */
export interface LoginDeps {
  readonly db: Db
  readonly box: SecretBox
  readonly login: TelegramLogin
  /** Where new sessions are made: Telegram's own servers when null. */
  readonly apiRoot: string | null
  /** Names this process among those that lease accounts. */
  readonly holder: string
}

/** Who links an account of their own, to which tenant. */
export interface LinkingPerson extends ActingPerson {
  readonly tenantId: number
  readonly telegramId: number
}

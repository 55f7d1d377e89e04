import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import type { TelegramLogin } from '#server/gateways/telegram/login.ts'
import type { TelegramManagedBots } from '#server/gateways/telegram/managed-bots.ts'
import type { TelegramUpdateFeed } from '#server/gateways/telegram/update-feed.ts'

/** What use cases that speak to Telegram about an account need. */
export interface AccountsDeps {
  readonly db: Db
  readonly box: SecretBox
  readonly feed: TelegramUpdateFeed
  /** Address of this server for webhooks; null where updates can only be polled. */
  readonly publicUrl: string | null
  /** What a manager bot does for the bots it manages; without it none is linked, rotated or healed. */
  readonly managedBots?: TelegramManagedBots
  /** The way to ask about people's own accounts; without it only what is stored is known of them. */
  readonly users?: UserSessions
}

export interface UserSessions {
  /** Errors: `unavailable/user_accounts_off` where it is not set up. */
  login(): Promise<TelegramLogin>
  /** Names this process among those that lease accounts. */
  readonly holder: string
}

export interface Actor {
  /** For the audit log: `member:12`, `operator`, `system`. */
  readonly by: string
  readonly at: number
}

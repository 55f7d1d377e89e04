import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import type { TelegramLogin } from '#server/gateways/telegram/login.ts'
import type { TelegramManagedBots } from '#server/gateways/telegram/managed-bots.ts'
import type { TelegramStars } from '#server/gateways/telegram/stars.ts'
import type { TelegramUpdateFeed } from '#server/gateways/telegram/update-feed.ts'
import type { CheckoutDeps } from '#server/modules/billing/index.ts'
import type { AskModelDeps } from '#server/modules/llm/index.ts'
import type { EndpointDeps, WebhookDeps } from '#server/modules/webhooks/index.ts'

import type { Prompter } from './prompter.ts'
import type { Terminal } from './terminal.ts'

export interface OpenDatabase {
  readonly db: Db
  /** Lets the database go; stops an embedded server that nobody else uses. */
  close(): Promise<void>
}

export interface TelegramAccess {
  readonly box: SecretBox
  readonly feed: TelegramUpdateFeed
  readonly managedBots?: TelegramManagedBots
  /** Sends Stars back. */
  readonly stars?: TelegramStars
  readonly publicUrl: string | null
  /** Address of the Bot API for new accounts; null for Telegram's own. */
  readonly apiRoot: string | null
}

/** What it takes to set and to ask tenants' language models. */
export interface ModelAccess extends Pick<AskModelDeps, 'box' | 'model' | 'installation'> {
  /** Whether tenants' own may lie on this network. */
  readonly arePrivateAllowed: boolean
}

/** One finding of the doctor; its texts are `doctor.<id>.<state>` and, where something is to be done, `doctor.<id>.advice`. */
export interface Finding {
  readonly id: string
  readonly state: 'ok' | 'warning' | 'fault'
  readonly params: Readonly<Record<string, string | number>>
}

/** What the command line needs of the rest; given by the composition root, or by a test. */
export interface CliHost {
  readonly terminal: Terminal
  /** The locale name of the environment, such as `tr_TR.UTF-8`. */
  readonly language: string | undefined
  readonly version: string
  readonly clock: Clock
  /** The web panel: its address, public or of this machine, and what its links are timed by. Errors: `invalid/config`. */
  readonly panel: { readonly url: () => string; readonly now: () => number }
  translator(locale: Locale): Translate
  prompter(t: Translate): Promise<Prompter>
  /** Opens the configured database, migrated; `onStep` is told, in English, what takes long. */
  openDatabase(onStep: (step: string) => void): Promise<OpenDatabase>
  /** What it takes to speak to Telegram about an account. Errors: `invalid/config`, those of the key file. */
  telegram(): Promise<TelegramAccess>
  /** The way to log people's own accounts in. Errors: `unavailable/user_accounts_off`, those of {@link telegram}. */
  telegramLogin(db: Db): Promise<TelegramLogin>
  /** The ways to pay that are set up. Errors: as {@link telegram}. */
  payments(db: Db): Promise<CheckoutDeps>
  /** The way to language models. Errors: `invalid/config`, those of the key file. */
  models(): Promise<ModelAccess>
  /** What it takes to set, sign and call endpoints of tenants. Errors: as {@link models}. */
  webhooks(): Promise<EndpointDeps & Omit<WebhookDeps, 'db'>>
  /** Looks at the installation without changing it. */
  examine(): Promise<readonly Finding[]>
  /** Runs the simulator in the foreground until it is stopped; gives its exit code. */
  runSimulator(args: readonly string[]): Promise<number>
}

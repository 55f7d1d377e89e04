import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import type { Logger } from '#server/base/logger.ts'
import type { PartHealth } from '#server/base/supervisor.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import type { TelegramSender } from '#server/gateways/telegram/sender.ts'
import type { AccountsDeps } from '#server/modules/accounts/index.ts'
import type { CheckoutDeps } from '#server/modules/billing/index.ts'
import type { OnboardingDeps } from '#server/modules/onboarding/index.ts'

/** What the panel bot stands on. */
export interface PanelDeps {
  readonly db: Db
  /** The domain's time. */
  readonly clock: Clock
  /** The pace of people who type: the machine's time, also where the domain's runs faster. */
  readonly pace: Pick<Clock, 'now'>
  readonly log: Logger
  readonly sender: TelegramSender
  readonly accounts: AccountsDeps
  readonly payments: CheckoutDeps
  readonly onboarding: OnboardingDeps
  /** How the parts of this process are. */
  readonly health: () => Promise<readonly PartHealth[]>
  readonly translator: (locale: Locale) => Translate
  /** Address of this server's own pages; null where it has none, and then nothing is offered that needs one. */
  readonly publicUrl: string | null
  /** Whether people's own accounts can be linked here. */
  readonly linksOwnAccounts: boolean
}

import type { PackageName, PaymentProviderName } from '#contract/words.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import type { AccountsDeps } from '#server/modules/accounts/index.ts'
import type { CheckoutDeps, Money } from '#server/modules/billing/index.ts'

/** What a package costs by one way to pay; `priceMinor` is the same in the catalogue's currency. */
export interface Quote extends Money {
  readonly priceMinor: number
}

/** How a freshly linked account does; `ok` means that it may work. */
export interface CheckResult {
  readonly ok: boolean
  readonly findings: readonly unknown[]
}

export interface OnboardingDeps {
  readonly db: Db
  /** The ways to pay that are set up, and what a payment begins. */
  readonly checkout: CheckoutDeps
  readonly accounts: AccountsDeps
  /** Gets the steps and the five measured events, without anything personal. */
  readonly log: Logger
  /** Address of the web page that takes payments; null where there is none. */
  readonly payPageUrl: string | null
  /** Null where this way cannot be paid by at the moment. */
  readonly quote: (
    provider: PaymentProviderName,
    wanted: { readonly package: PackageName; readonly extraBots: number },
  ) => Quote | null
  /** Asks Telegram whether the account can work; holds no transaction. */
  readonly checkAccount: (tenantId: number, accountId: number, at: number) => Promise<CheckResult>
}

// What an onboarding stands on: what packages cost by each way to pay, and whether a linked account can work.
import type { Logger } from './base/logger.ts'
import type { Db } from './db/pool.ts'
import { type AccountsDeps, checkAccount } from './modules/accounts/index.ts'
import { type CheckoutDeps, priceBy } from './modules/billing/index.ts'
import type { OnboardingDeps } from './modules/onboarding/index.ts'

export interface OnboardingParts {
  readonly db: Db
  readonly payments: CheckoutDeps
  readonly accounts: AccountsDeps
  readonly log: Logger
  readonly publicUrl: string | null
}

export const openOnboardingDeps = ({ db, payments, accounts, log, publicUrl }: OnboardingParts): OnboardingDeps => ({
  db,
  checkout: payments,
  accounts,
  log,
  payPageUrl: publicUrl === null ? null : `${publicUrl}/pay`,
  quote: priceBy,
  async checkAccount(tenantId, accountId, at) {
    const { isWorking, findings } = await checkAccount(accounts, tenantId, accountId, at)
    return { ok: isWorking, findings }
  },
})

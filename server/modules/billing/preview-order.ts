import type { PackageName } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { changePackage } from './activate-subscription.ts'
import {
  type ChangeQuote,
  PERIOD_MS,
  type PeriodKind,
  type Subscription,
  planPeriod,
  quoteChange,
} from './subscription.rules.ts'
import { getSubscription, lockSubscription } from './subscription.store.ts'

/** What an order of one period would bring. */
export interface OrderPreview extends ChangeQuote {
  /** `renewal` goes on from the end of the running period; the others begin at once. */
  readonly kind: PeriodKind
  readonly startsAt: number
  /** What is left of the old package is time at the end of the new one. */
  readonly endsAt: number
}

export interface WantedPackage {
  readonly package: PackageName
  readonly extraBots: number
}

/**
 * What a full period of a package would cost at `at`, what the unused days of the running one are worth, and from when to
 * when it would last. Errors: `invalid` with `package_by_agreement`, `package_not_sold`.
 */
export const previewOrder = async (tx: TenantTx, wanted: WantedPackage, at: number): Promise<OrderPreview> => {
  const subscription = await getSubscription(tx)
  const quote = quoteChange(subscription, wanted, at)
  const { kind, startsAt, endsAt } = planPeriod(subscription, { ...wanted, periodMs: PERIOD_MS }, at)
  return { ...quote, kind, startsAt, endsAt }
}

/**
 * Changes the package at once where what is left of the old one pays for it. Pressing twice changes once. Locks the
 * subscription. Errors: `conflict/change_to_be_paid` naming what is due, those of `changePackage`.
 */
export const changeByCredit = async (
  tx: TenantTx,
  wanted: WantedPackage,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Subscription> => {
  const before = await lockSubscription(tx)
  if (before.package === wanted.package && before.extraBots === wanted.extraBots) return before
  const { dueMinor, currency } = quoteChange(before, wanted, at)
  if (dueMinor > 0) throw new AppError('conflict', 'change_to_be_paid', { field: 'package', due: dueMinor, currency })
  return changePackage(tx, {
    tenantId: tx.tenantId,
    package: wanted.package,
    addOns: { extra_bot: wanted.extraBots },
    paidMinor: 0,
    reference: `change-${tx.tenantId}-${before.periodStartsAt}-${at}`,
    by,
    at,
  })
}

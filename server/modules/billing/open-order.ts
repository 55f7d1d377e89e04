import type { PackageName, PaymentProviderName } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { CATALOGUE } from './catalogue.rules.ts'
import { createPayment } from './create-payment.ts'
import { priceBy } from './payment-ways.rules.ts'
import type { Payment } from './payment.rules.ts'
import { selectPayments } from './payment.store.ts'
import { lockSubscription } from './subscription.store.ts'

export interface WantedOrder {
  readonly provider: PaymentProviderName
  readonly package: PackageName
  readonly extraBots: number
}

/**
 * The tenant's order for one period of a package by one way to pay: one that is open and asks for the same is the same
 * order, so pressing twice orders once. Locks the subscription. Errors: `unavailable/payment_provider_off` for what is not
 * sold this way, those of `createPayment`.
 */
export const openOrder = async (
  tx: TenantTx,
  wanted: WantedOrder,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Payment> => {
  const { provider, package: name, extraBots } = wanted
  const price = priceBy(provider, wanted)
  if (price === null) throw new AppError('unavailable', 'payment_provider_off', { provider, field: provider })
  // Of two presses at the same instant, the second sees what the first ordered.
  await lockSubscription(tx)
  const open = (await selectPayments(tx, { states: ['created', 'pending'] }, 50)).find(
    (payment) =>
      payment.provider === provider &&
      payment.package === name &&
      (payment.addOns['extra_bot'] ?? 0) === extraBots &&
      payment.reviewReason === null &&
      payment.expiresAt > at &&
      payment.asked.amountMinor === price.amountMinor &&
      payment.asked.currency === price.currency,
  )
  if (open) return open
  const addOns = extraBots > 0 ? { extra_bot: extraBots } : {}
  return createPayment(tx, { provider, package: name, addOns, periodDays: CATALOGUE.periodDays, ...price }, { by, at })
}

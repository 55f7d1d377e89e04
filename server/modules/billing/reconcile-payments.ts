import { AppError } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import { applyProviderEvent } from './apply-provider-event.ts'
import { selectWaitingPayments } from './payment.store.ts'
import type { CheckoutDeps } from './start-checkout.ts'

const PORTION = 200

export interface Reconciliation {
  readonly asked: number
  /** Payments whose callback had been lost. */
  readonly found: number
  readonly unanswered: number
}

/** Asks the providers about orders that wait for them, oldest first, at most 200: callbacks get lost. */
export const reconcilePayments = async (deps: CheckoutDeps, at: number): Promise<Reconciliation> => {
  const waiting = await asOperator(deps.db, 'reconcile payments', (tx) => selectWaitingPayments(tx, PORTION))
  let [asked, found, unanswered] = [0, 0, 0]
  for (const { provider: name, reference, checkoutId, sellerAccountId } of waiting) {
    const provider = deps.providers.get(name)
    if (!provider) continue
    asked += 1
    const result = await provider.queryPayment({ reference, checkoutId })
    if (result.kind === 'unavailable' || result.kind === 'refused') unanswered += 1
    if (result.kind !== 'event' || result.event.reference !== reference) continue
    try {
      const origin = { at, ...(sellerAccountId !== null && { accountId: sellerAccountId }) }
      await applyProviderEvent(deps, result.event, origin)
      found += 1
    } catch (error) {
      // One order that cannot be settled holds up no other.
      if (!(error instanceof AppError)) throw error
      unanswered += 1
    }
  }
  return { asked, found, unanswered }
}

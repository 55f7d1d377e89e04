import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Payment } from './payment.rules.ts'
import { lockPayment } from './payment.store.ts'
import { settlePayment } from './settle-payment.ts'

/**
 * Closes an order that nobody waits for any more: unpaid it expires, a claim is turned down in the customer's name.
 * Money that is held or believed stays as it is. Errors: `not_found`.
 */
export const withdrawPayment = async (
  tx: TenantTx,
  { paymentId, by, at }: { readonly paymentId: number; readonly by: string; readonly at: number },
): Promise<Payment> => {
  const payment = await lockPayment(tx, { id: paymentId })
  if (!payment) throw notFound('payment', paymentId)
  const isClaimed = payment.state === 'claimed'
  const act = { kind: isClaimed ? 'reject' : 'expire' } as const
  const note = isClaimed ? 'withdrawn' : null
  return (await settlePayment(tx, payment, { act, by, at, note, activate: null })).payment
}

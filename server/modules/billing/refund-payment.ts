import { AppError, notFound } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import { getPayment } from './list-payments.ts'
import { type Payment, decidePayment } from './payment.rules.ts'
import { lockPayment } from './payment.store.ts'
import { settlePayment } from './settle-payment.ts'
import { type CheckoutDeps, requireProvider } from './start-checkout.ts'

export interface RefundOrder {
  readonly paymentId: number
  readonly by: string
  readonly at: number
  /** The operator has sent the money back already: only the books are to say so. */
  readonly isSentByHand: boolean
}

/**
 * Sends the whole amount back and writes it down. Cut off in between, it may be asked again: providers send once. The
 * package is not ended by it. Errors: `not_found`, `conflict/payment_not_received`, `conflict/payment_refund_by_hand`
 * for a way that sends nothing back by itself, `unavailable/payment_provider_…`, `conflict/payment_provider_refused`.
 */
export const refundPayment = async (deps: CheckoutDeps, tenantId: number, order: RefundOrder): Promise<Payment> => {
  const { paymentId, by, at } = order
  const payment = await inTenant(deps.db, tenantId, (tx) => getPayment(tx, { id: paymentId }))
  const { reference, provider: name, received } = payment
  const decision = decidePayment(payment, { kind: 'refund' })
  if (decision.kind === 'keep') return payment
  if (decision.kind === 'refuse' || received === null)
    throw new AppError('conflict', 'payment_not_received', { reference })
  if (!order.isSentByHand) {
    const { providerPaymentId, payerTelegramId } = payment
    const result = await requireProvider(deps, name).refund({
      reference,
      providerPaymentId,
      payerTelegramId,
      ...received,
    })
    if (result.kind === 'by_hand')
      throw new AppError('conflict', 'payment_refund_by_hand', { reference, provider: name })
    if (result.kind === 'unavailable')
      throw new AppError('unavailable', 'payment_provider_unavailable', { provider: name, reason: result.reason })
    if (result.kind === 'refused')
      throw new AppError('conflict', 'payment_provider_refused', { provider: name, reason: result.code })
  }
  return inTenant(deps.db, tenantId, async (tx) => {
    const locked = await lockPayment(tx, { id: paymentId })
    if (!locked) throw notFound('payment', paymentId)
    return (await settlePayment(tx, locked, { act: { kind: 'refund' }, by, at, activate: null })).payment
  })
}

import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { checkOptionalText } from './payment-input.rules.ts'
import type { Payment } from './payment.rules.ts'
import { lockPayment } from './payment.store.ts'
import { type ActivateSubscription, settlePayment } from './settle-payment.ts'

interface Decision {
  readonly paymentId: number
  /** The operator, for the audit log. */
  readonly by: string
  readonly at: number
}

const locked = async (tx: TenantTx, id: number): Promise<Payment> => {
  const payment = await lockPayment(tx, { id })
  if (!payment) throw notFound('payment', id)
  return payment
}

/**
 * Believes a claim, or money that was held: the package begins, once. Approving again changes nothing. Audited.
 * Errors: `not_found`, `conflict/payment_closed`, `payment_waits_for_provider`, `payment_not_received`.
 */
export const approvePayment = async (
  tx: TenantTx,
  { paymentId, by, at, activate }: Decision & { readonly activate: ActivateSubscription },
): Promise<Payment> => {
  const payment = await locked(tx, paymentId)
  return (await settlePayment(tx, payment, { act: { kind: 'approve' }, by, at, activate })).payment
}

/**
 * Turns a claim or held money down, with a reason of 1–500 characters that the customer is told. Audited.
 * Errors: `not_found`, `invalid`, `conflict/payment_closed`.
 */
export const rejectPayment = async (
  tx: TenantTx,
  { paymentId, by, at, reason }: Decision & { readonly reason: string },
): Promise<Payment> => {
  const note = checkOptionalText('reason', reason, 500)
  if (note === null) throw invalid('text_too_short', 'reason', { min: 1 })
  const payment = await locked(tx, paymentId)
  return (await settlePayment(tx, payment, { act: { kind: 'reject' }, by, at, note, activate: null })).payment
}

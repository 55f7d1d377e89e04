import { toDate } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { insertPostings } from './ledger.store.ts'
import { type Payment, type PaymentAct, type PaymentDecision, decidePayment } from './payment.rules.ts'
import { updatePayment } from './payment.store.ts'

/** What a believed payment begins. */
export interface Activation {
  readonly tenantId: number
  readonly package: string
  readonly periodDays: number
  readonly addOns: Readonly<Record<string, number>>
  /** Worth of what was paid, in minor units of the catalogue's currency. */
  readonly paidMinor: number
  readonly reference: string
  readonly at: number
}

/** Begins or prolongs the subscription that was paid for, in the same transaction. */
export type ActivateSubscription = (tx: TenantTx, activation: Activation) => Promise<void>

export interface SettleContext {
  readonly act: PaymentAct
  /** Who caused it: `member:12`, `operator`, `provider:stripe`, `system`. */
  readonly by: string
  readonly at: number
  readonly note?: string | null
  /** Further columns that change with the state. */
  readonly columns?: Parameters<typeof updatePayment>[2]
  readonly activate: ActivateSubscription | null
}

/**
 * Applies one act to a locked payment: state, ledger, activation, audit line and event together, or nothing.
 * The only way a payment changes its state. Errors: `conflict/payment_…` when the act is refused.
 */
export const settlePayment = async (
  tx: TenantTx,
  payment: Payment,
  context: SettleContext,
): Promise<{ readonly payment: Payment; readonly decision: PaymentDecision }> => {
  const decision = decidePayment(payment, context.act)
  if (decision.kind === 'refuse')
    throw new AppError('conflict', decision.code, { reference: payment.reference, state: payment.state })
  if (decision.kind === 'keep') return { payment, decision }
  const { by, at } = context
  if (decision.activates) {
    if (context.activate === null) throw new Error(`${context.act.kind} begins a package and brings no activation`)
    await context.activate(tx, {
      tenantId: payment.tenantId,
      package: payment.package,
      periodDays: payment.periodDays,
      addOns: payment.addOns,
      paidMinor: payment.priceMinor,
      reference: payment.reference,
      at,
    })
  }
  const isDecision = context.act.kind === 'approve' || context.act.kind === 'reject'
  const changed = await updatePayment(tx, payment.id, {
    state: decision.to,
    review_reason: decision.reviewReason,
    received_minor: decision.received?.amountMinor ?? null,
    received_currency: decision.received?.currency ?? null,
    ...(decision.activates && { activated_at: toDate(at) }),
    ...(isDecision && { decided_by: by, decided_at: toDate(at), decision_note: context.note ?? null }),
    ...(decision.to === 'refunded' && { refunded_at: toDate(at) }),
    ...context.columns,
  })
  await insertPostings(tx, payment.id, decision.postings, at)
  await recordAudit(tx, {
    tenantId: payment.tenantId,
    actor: by,
    action: `payment.${context.act.kind}`,
    target: payment.reference,
    detail: { from: payment.state, to: decision.to, review: decision.reviewReason, provider: payment.provider },
    at,
  })
  if (decision.to !== payment.state || decision.reviewReason !== payment.reviewReason) {
    const payload = { paymentId: payment.id, state: decision.to, needsReview: decision.reviewReason !== null }
    await emitEvents(tx, at, [{ type: 'payment.changed', payload }])
  }
  return { payment: changed, decision }
}

import { AppError, notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { ProviderEvent } from '#server/gateways/payments/payment-provider.ts'

import { hasProviderEvent, insertProviderEvent } from './ledger.store.ts'
import type { Payment, PaymentAct } from './payment.rules.ts'
import { lockPayment, selectPayment } from './payment.store.ts'
import { type ActivateSubscription, settlePayment } from './settle-payment.ts'

export interface PaymentDeps {
  readonly db: Db
  readonly activate: ActivateSubscription
}

export interface EventOrigin {
  readonly at: number
  /** The account that heard of a payment in Stars, and who paid; both null elsewhere. */
  readonly accountId?: number
  readonly payerTelegramId?: number
}

export interface AppliedEvent {
  readonly payment: Payment
  /** `repeated` for one that was heard before. */
  readonly outcome: string
}

const actOf = (event: ProviderEvent): PaymentAct => {
  const money = { amountMinor: event.amountMinor, currency: event.currency }
  switch (event.kind) {
    case 'paid':
      return { kind: 'provider_paid', money, providerPaymentId: event.providerPaymentId }
    case 'failed':
      return { kind: 'provider_failed' }
    case 'refunded':
      return { kind: 'provider_refunded', money }
  }
}

/**
 * What a provider proved, applied once however often and in whatever order it is told: the right amount begins the
 * package, any other is held for a person. Errors: `not_found` for a reference of nobody, `conflict/payment_foreign_event`
 * when another provider, or the bot of another account than the one that sold, speaks of the order.
 */
export const applyProviderEvent = async (
  deps: PaymentDeps,
  event: ProviderEvent,
  origin: EventOrigin,
): Promise<AppliedEvent> => {
  const { reference } = event
  const owner = await asOperator(deps.db, 'find a payment', (tx) => selectPayment(tx, { reference }))
  if (!owner) throw notFound('payment', reference.slice(0, 64))
  return inTenant(deps.db, owner.tenantId, (tx) => applyLocked(tx, deps.activate, event, origin))
}

const applyLocked = async (
  tx: TenantTx,
  activate: ActivateSubscription,
  event: ProviderEvent,
  origin: EventOrigin,
): Promise<AppliedEvent> => {
  const payment = await lockPayment(tx, { reference: event.reference })
  if (!payment) throw notFound('payment', event.reference.slice(0, 64))
  const { provider, reference } = payment
  if (provider !== event.provider || (provider === 'stars' && payment.sellerAccountId !== origin.accountId))
    throw new AppError('conflict', 'payment_foreign_event', { reference, provider: event.provider })
  if (await hasProviderEvent(tx, provider, event.eventId)) return { payment, outcome: 'repeated' }
  const settled = await settlePayment(tx, payment, {
    act: actOf(event),
    by: `provider:${provider}`,
    at: origin.at,
    activate,
    columns:
      event.kind === 'paid' && payment.received === null
        ? {
            provider_payment_id: event.providerPaymentId,
            ...(origin.payerTelegramId !== undefined && { payer_telegram_id: origin.payerTelegramId }),
          }
        : {},
  })
  const { decision } = settled
  const outcome =
    decision.kind === 'move' ? (decision.reviewReason ?? decision.to) : decision.kind === 'keep' ? decision.why : ''
  await insertProviderEvent(tx, {
    paymentId: payment.id,
    provider,
    eventId: event.eventId,
    kind: event.kind,
    amountMinor: event.amountMinor,
    currency: event.currency,
    outcome,
    at: origin.at,
  })
  return { payment: settled.payment, outcome }
}

import type { Fulfilment, OrderReviewReason, OrderState, OrderWay } from '#contract/words.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'

/** An order of a contact. Amounts in minor units, whole Stars for XTR; instants in epoch ms. */
export interface Order {
  readonly id: number
  readonly tenantId: number
  readonly reference: string
  readonly accountId: number
  /** Null once the person is erased. */
  readonly contactId: number | null
  readonly runId: number | null
  readonly product: string
  readonly priceMinor: number
  readonly currency: string
  readonly way: OrderWay
  readonly askedMinor: number
  readonly askedCurrency: string
  readonly state: OrderState
  readonly reviewReason: OrderReviewReason | null
  readonly fulfilment: Fulfilment
  readonly fulfilmentContent: string | null
  readonly fulfilmentDeliveryId: number | null
  readonly creditedDeliveryId: number | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly paidAt: number | null
  readonly paidBy: string | null
  readonly fulfilledAt: number | null
}

/** An unpaid order is open for this long. */
export const ORDER_OPEN_MS = 24 * HOUR_MS

/** Who was let pay at the last moment has paid by then: nobody's order expires under their hands. */
export const EXPIRY_GRACE_MS = 5 * MINUTE_MS

/** What somebody does to an order. */
export type OrderAct =
  /** The way to pay was shown. */
  'ask' | 'pay' | 'fulfil' | 'cancel' | 'expire' | 'refund'

export type OrderDecision =
  | { readonly kind: 'move'; readonly to: OrderState }
  /** It is so already. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'refuse'; readonly code: 'order_closed' | 'order_not_paid' | 'order_already_paid' }

const FROM: Readonly<Record<OrderAct, Readonly<Partial<Record<OrderState, OrderState>>>>> = {
  ask: { created: 'payment_pending' },
  pay: { created: 'paid', payment_pending: 'paid' },
  fulfil: { paid: 'fulfilled' },
  cancel: { created: 'cancelled', payment_pending: 'cancelled' },
  expire: { created: 'expired', payment_pending: 'expired' },
  refund: { paid: 'refunded', fulfilled: 'refunded' },
}

const DONE: Readonly<Record<OrderAct, readonly OrderState[]>> = {
  ask: ['payment_pending'],
  pay: ['paid', 'fulfilled'],
  fulfil: ['fulfilled'],
  cancel: ['cancelled'],
  expire: ['expired'],
  refund: ['refunded'],
}

const PAID: readonly OrderState[] = ['paid', 'fulfilled']
export const OPEN: readonly OrderState[] = ['created', 'payment_pending']

/** What an act does to an order in this state. Total. */
export const decideOrder = (state: OrderState, act: OrderAct): OrderDecision => {
  const to = FROM[act][state]
  if (to !== undefined) return { kind: 'move', to }
  if (DONE[act].includes(state)) return { kind: 'keep' }
  if (PAID.includes(state)) return { kind: 'refuse', code: 'order_already_paid' }
  const needsPayment = (act === 'fulfil' || act === 'refund') && OPEN.includes(state)
  return { kind: 'refuse', code: needsPayment ? 'order_not_paid' : 'order_closed' }
}

/** A payment in Stars as Telegram asks about it or tells of it. */
export interface StarPayment {
  readonly reference: string
  /** The account whose bot was asked or told. */
  readonly accountId: number
  readonly stars: number
  readonly currency: string
  readonly payerTelegramId: number
}

export type PaymentRefusal = 'unknown' | 'paid' | 'cancelled' | 'expired' | 'mismatch' | 'foreign'

/** Why an order may not be paid so, or null when it may. `buyerTelegramId` is whose order it is. Total. */
export const refusePayment = (
  order: Order,
  buyerTelegramId: number | null,
  payment: StarPayment,
  at: number,
): PaymentRefusal | null => {
  if (order.accountId !== payment.accountId) return 'unknown'
  if (order.state === 'cancelled') return 'cancelled'
  if (order.state === 'expired' || (OPEN.includes(order.state) && order.expiresAt <= at)) return 'expired'
  if (!OPEN.includes(order.state)) return 'paid'
  if (order.way !== 'stars' || order.askedCurrency !== payment.currency || order.askedMinor !== payment.stars)
    return 'mismatch'
  return buyerTelegramId === payment.payerTelegramId ? null : 'foreign'
}

export type ChargeOutcome = 'settled' | 'paid_twice' | 'paid_late' | 'amount_mismatch' | 'foreign_payer'

/** What a charge that has come in is for its order. What does not settle it goes back. Total. */
export const judgeCharge = (order: Order, buyerTelegramId: number | null, payment: StarPayment): ChargeOutcome => {
  if (order.state === 'cancelled' || order.state === 'expired') return 'paid_late'
  if (!OPEN.includes(order.state)) return 'paid_twice'
  if (order.askedCurrency !== payment.currency || order.askedMinor !== payment.stars) return 'amount_mismatch'
  return buyerTelegramId === null || buyerTelegramId === payment.payerTelegramId ? 'settled' : 'foreign_payer'
}

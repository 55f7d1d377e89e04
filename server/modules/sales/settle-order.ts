import type { OrderReviewReason } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { CATALOGUE } from '#server/modules/billing/index.ts'
import { recordRefund } from '#server/modules/contacts/index.ts'
import { recordPurchase, withdrawConversion } from '#server/modules/delivery/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import type { OrderTrigger } from './advance.rules.ts'
import { handOver } from './hand-over-product.ts'
import { moveRun } from './move-run.ts'
import { type Order, type OrderAct, decideOrder } from './order.rules.ts'
import { hasOtherOpenOrder, sharesCredit, updateOrder } from './order.store.ts'
import { lockRun } from './run.store.ts'
import { type Listener, type Translator, findListener, isolate, speak } from './speak.ts'

export interface Settling {
  readonly act: OrderAct
  /** Who caused it: `contact`, `stars`, `system`, `member:12`, `cli`. */
  readonly by: string
  readonly at: number
  readonly translator: Translator
}

/** Tells whoever listens that an order moved on, or waits for somebody. */
const emitOrder = (tx: TenantTx, order: Order, at: number): Promise<void> => {
  const payload = { orderId: order.id, state: order.state, needsReview: order.reviewReason !== null }
  return emitEvents(tx, at, [{ type: 'order.changed', payload }])
}

/** What an order has to be looked at for; the first reason stays until somebody dealt with it. */
export const flagOrder = async (
  tx: TenantTx,
  order: Order,
  reason: OrderReviewReason | null,
  at: number,
): Promise<Order> => {
  const flagged = await updateOrder(tx, order.id, { review_reason: reason })
  await emitOrder(tx, flagged, at)
  return flagged
}

/** Revenue is counted in one currency; an order in another counts as an order. */
const revenueOf = ({ priceMinor, currency }: Order): number => (currency === CATALOGUE.currency ? priceMinor : 0)

const creditOrder = async (tx: TenantTx, order: Order, at: number): Promise<number | null> => {
  if (order.contactId === null) return null
  const { contactId, reference } = order
  return (await recordPurchase(tx, { contactId, amountMinor: revenueOf(order), reference, at })).deliveryId
}

const uncreditOrder = async (tx: TenantTx, order: Order, at: number): Promise<void> => {
  const { contactId, reference, creditedDeliveryId } = order
  if (contactId !== null) await recordRefund(tx, { contactId, amountMinor: revenueOf(order), reference, at })
  if (creditedDeliveryId !== null && !(await sharesCredit(tx, order))) await withdrawConversion(tx, creditedDeliveryId)
}

/** Lets an order move the run it belongs to. */
const moveFunnel = async (
  tx: TenantTx,
  order: Order,
  change: OrderTrigger,
  listener: Listener | null,
  at: number,
): Promise<void> => {
  const run = order.runId === null ? null : await lockRun(tx, order.runId)
  if (!run) return
  const event = { kind: 'order', change, product: order.product, at } as const
  await moveRun(tx, run, run.contactId === null ? null : listener, { event, cause: `order:${order.id}:${change}` })
}

const columnsOf = (act: OrderAct, by: string, at: number) => {
  switch (act) {
    case 'ask':
      return {}
    case 'pay':
      return { paid_at: toDate(at), paid_by: by }
    case 'fulfil':
      return { fulfilled_at: toDate(at), review_reason: null }
    case 'cancel':
    case 'expire':
    case 'refund':
      return { closed_at: toDate(at) }
  }
}

const TRIGGERS: Readonly<Record<OrderAct, OrderTrigger>> = {
  ask: 'order_opened',
  pay: 'paid',
  fulfil: 'fulfilled',
  cancel: 'order_closed',
  expire: 'order_closed',
  refund: 'refunded',
}

const tellRefund = async (tx: TenantTx, order: Order, listener: Listener, at: number): Promise<void> => {
  const text = listener.t('bot:sell.refunded', { product: isolate(order.product), reference: order.reference })
  await speak(tx, listener, { text, messageClass: 'transactional', dedupeKey: `order:${order.id}:refunded`, at })
}

/** What follows from a move that has been written. */
const followUp = async (tx: TenantTx, order: Order, { act, at, translator }: Settling): Promise<Order> => {
  const listener = await findListener(tx, order, translator)
  let current = order
  if (act === 'pay') {
    const creditedDeliveryId = await creditOrder(tx, order, at)
    current = await updateOrder(tx, order.id, { credited_delivery_id: creditedDeliveryId })
    current = await handOver(tx, current, listener, at)
  }
  if (act === 'refund') {
    await uncreditOrder(tx, order, at)
    if (listener) await tellRefund(tx, order, listener, at)
  }
  const staysOpen = (act === 'cancel' || act === 'expire') && (await hasOtherOpenOrder(tx, order))
  if (!staysOpen) await moveFunnel(tx, current, TRIGGERS[act], listener, at)
  return current
}

/**
 * Applies one act to a locked order: state, what the contact and the delivery are credited with, the funnel, what is
 * handed over, audit line and event together, or nothing. The only way an order changes its state. What is so already
 * stays as it is. Errors: `conflict/order_…` when the act is refused.
 */
export const settleOrder = async (tx: TenantTx, order: Order, settling: Settling): Promise<Order> => {
  const { act, by, at } = settling
  const decision = decideOrder(order.state, act)
  if (decision.kind === 'refuse')
    throw new AppError('conflict', decision.code, { reference: order.reference, state: order.state })
  if (decision.kind === 'keep') return order
  const moved = await updateOrder(tx, order.id, { state: decision.to, ...columnsOf(act, by, at) })
  const settled = await followUp(tx, moved, settling)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: `order.${act}`,
    target: order.reference,
    detail: { from: order.state, to: decision.to, way: order.way },
    at,
  })
  await emitOrder(tx, settled, at)
  return settled
}

import { notFound } from '#server/base/errors.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import type { Order, OrderAct } from './order.rules.ts'
import { lockOrder } from './order.store.ts'
import { settleOrder } from './settle-order.ts'
import type { Translator } from './speak.ts'

interface Decision {
  readonly orderId: number
  readonly translator: Translator
}

const decide = async (
  tx: TenantTx,
  { orderId, translator }: Decision,
  act: OrderAct,
  { by, at }: Pick<ActingPerson, 'by' | 'at'>,
): Promise<Order> => {
  const order = await lockOrder(tx, { id: orderId })
  if (!order) throw notFound('order', orderId)
  if (act === 'pay' && order.way === 'stars')
    throw new AppError('conflict', 'order_paid_by_telegram', { reference: order.reference })
  return settleOrder(tx, order, { act, by, at, translator })
}

/**
 * A member has seen the money of a link or a transfer; what is paid in Stars is told by Telegram alone. Errors:
 * `forbidden/not_allowed`, `not_found`, `conflict/order_…`.
 */
export const markOrderPaid = (tx: TenantTx, decision: Decision, actor: ActingPerson): Promise<Order> => {
  requireCan(actor.access, 'sales.decide')
  return decide(tx, decision, 'pay', actor)
}

/** A member has handed over what was bought. Errors: `forbidden/not_allowed`, `not_found`, `conflict/order_…`. */
export const fulfilOrder = (tx: TenantTx, decision: Decision, actor: ActingPerson): Promise<Order> => {
  requireCan(actor.access, 'sales.fulfil')
  return decide(tx, decision, 'fulfil', actor)
}

/** Nothing is to be paid any more. Errors: `forbidden/not_allowed`, `not_found`, `conflict/order_…`. */
export const cancelOrder = (tx: TenantTx, decision: Decision, actor: ActingPerson): Promise<Order> => {
  requireCan(actor.access, 'sales.decide')
  return decide(tx, decision, 'cancel', actor)
}

/** Whoever ordered changed their mind: false when it is not theirs, or not open any more. */
export const cancelOwnOrder = async (
  tx: TenantTx,
  own: { readonly reference: string; readonly contactId: number; readonly accountId: number },
  { translator, at }: { readonly translator: Translator; readonly at: number },
): Promise<boolean> => {
  const order = await lockOrder(tx, { reference: own.reference })
  if (!order || order.contactId !== own.contactId || order.accountId !== own.accountId) return false
  if (order.state !== 'created' && order.state !== 'payment_pending') return false
  await settleOrder(tx, order, { act: 'cancel', by: 'contact', at, translator })
  return true
}

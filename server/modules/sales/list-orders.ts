import { notFound } from '#server/base/errors.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type Charge, listCharges } from './charge.store.ts'
import type { Order } from './order.rules.ts'
import { type OrderFilter, type OrderKey, selectOrder, selectOrders } from './order.store.ts'

/** Orders, newest first; `limit` 1–500. */
export const listOrders = (tx: TenantTx, filter: OrderFilter, limit = 50): Promise<readonly Order[]> =>
  selectOrders(tx, filter, Math.min(Math.max(1, limit), 500))

/** One order of the tenant, or of any. Errors: `not_found`. */
export const getOrder = async (tx: TenantTx | OperatorTx, key: OrderKey): Promise<Order> => {
  const order = await selectOrder(tx, key)
  if (!order) throw notFound('order', Object.values(key)[0] ?? '')
  return order
}

export interface OrderView extends Order {
  /** Payments in Stars, oldest first. */
  readonly charges: readonly Charge[]
}

/** An order with what was paid for it. Errors: `not_found`. */
export const showOrder = async (tx: TenantTx, key: OrderKey): Promise<OrderView> => {
  const order = await getOrder(tx, key)
  return { ...order, charges: await listCharges(tx, order.id) }
}

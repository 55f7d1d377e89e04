import { asOperator, inTenant } from '#server/db/tenant-scope.ts'

import { EXPIRY_GRACE_MS } from './order.rules.ts'
import { lockOrder, selectHandedOver, selectOverdueOrders } from './order.store.ts'
import type { SalesDeps } from './record-star-payment.ts'
import { flagOrder, settleOrder } from './settle-order.ts'

const PORTION = 200

/** Closes orders that nobody paid in time. Returns how many. */
export const expireOrders = async ({ db, translator }: SalesDeps, at: number): Promise<number> => {
  const overdue = await asOperator(db, 'expire orders', (tx) => selectOverdueOrders(tx, at - EXPIRY_GRACE_MS, PORTION))
  for (const { id, tenantId } of overdue)
    await inTenant(db, tenantId, async (tx) => {
      const order = await lockOrder(tx, { id })
      // Paid or cancelled since: that came first.
      if (order && (order.state === 'created' || order.state === 'payment_pending'))
        await settleOrder(tx, order, { act: 'expire', by: 'system', at, translator })
    })
  return overdue.length
}

/**
 * What was handed over by message is delivered once the message has left. One that did not arrive for certain waits for a
 * member: it is not sent a second time by itself. Returns how many of each.
 */
export const concludeHandingOver = async (
  { db, translator }: SalesDeps,
  at: number,
): Promise<{ readonly delivered: number; readonly doubtful: number }> => {
  const ended = await asOperator(db, 'conclude orders', (tx) => selectHandedOver(tx, PORTION))
  for (const { id, tenantId, isSent } of ended)
    await inTenant(db, tenantId, async (tx) => {
      const order = await lockOrder(tx, { id })
      if (order?.state !== 'paid') return
      if (isSent) await settleOrder(tx, order, { act: 'fulfil', by: 'system', at, translator })
      else await flagOrder(tx, order, 'delivery_failed', at)
    })
  const delivered = ended.filter(({ isSent }) => isSent).length
  return { delivered, doubtful: ended.length - delivered }
}

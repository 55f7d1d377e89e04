import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'

import { lockPayment, selectOverduePayments } from './payment.store.ts'
import { settlePayment } from './settle-payment.ts'

const PORTION = 500

/**
 * Closes orders of all tenants that nobody paid in time; claims and held money wait for their decision however long it
 * takes. Returns how many were closed, at most 500 a call.
 */
export const expirePayments = async (db: Db, at: number): Promise<number> => {
  const overdue = await asOperator(db, 'expire payments', (tx) => selectOverduePayments(tx, at, PORTION))
  let closed = 0
  for (const { tenantId, id } of overdue) {
    closed += await inTenant(db, tenantId, async (tx) => {
      const payment = await lockPayment(tx, { id })
      if (!payment || payment.expiresAt > at) return 0
      const { decision } = await settlePayment(tx, payment, {
        act: { kind: 'expire' },
        by: 'system',
        at,
        activate: null,
      })
      return decision.kind === 'move' ? 1 : 0
    })
  }
  return closed
}

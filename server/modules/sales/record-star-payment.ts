import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'

import { closeCharge, findCharge, insertCharge } from './charge.store.ts'
import { type ChargeOutcome, type PaymentRefusal, type StarPayment, judgeCharge, refusePayment } from './order.rules.ts'
import { findBuyer, lockOrder, selectOrder } from './order.store.ts'
import { flagOrder, settleOrder } from './settle-order.ts'
import type { Translator } from './speak.ts'

/**
 * Why an order may not be paid so at `at`, null when it may: in one read, as Telegram waits ten seconds. `unknown` for a
 * reference that is no order of this account, whoever else's it is.
 */
export const checkStarPayment = (db: Db, payment: StarPayment, at: number): Promise<PaymentRefusal | null> =>
  asOperator(db, 'check a payment in Stars', async (tx) => {
    const { reference } = payment
    const order = await selectOrder(tx, { reference })
    return order === null ? 'unknown' : refusePayment(order, await findBuyer(tx, order), payment, at)
  })

export interface StarNews extends StarPayment {
  /** Telegram's name of the payment: it counts once. */
  readonly chargeId: string
  readonly kind: 'paid' | 'refunded'
}

export interface SalesDeps {
  readonly db: Db
  readonly translator: Translator
}

/**
 * Writes a payment in Stars down, or that it went back, once however often it is told: the right one pays its order, any
 * other is flagged and goes back by itself. `unknown` where it is no order of this account.
 */
export const recordStarPayment = async (
  { db, translator }: SalesDeps,
  news: StarNews,
  at: number,
): Promise<ChargeOutcome | 'refunded' | 'repeated' | 'unknown'> => {
  const { reference, accountId, chargeId, stars, payerTelegramId } = news
  const owner = await asOperator(db, 'find an order', (tx) => selectOrder(tx, { reference }))
  if (!owner || owner.accountId !== accountId) return 'unknown'
  return inTenant(db, owner.tenantId, async (tx) => {
    const order = await lockOrder(tx, { id: owner.id })
    if (!order) return 'unknown'
    if (news.kind === 'refunded') {
      const charge = await findCharge(tx, accountId, chargeId)
      if (!charge || !(await closeCharge(tx, charge.id, { refundedAt: at }))) return 'repeated'
      if (charge.outcome === 'settled') await settleOrder(tx, order, { act: 'refund', by: 'stars', at, translator })
      return 'refunded'
    }
    const outcome = judgeCharge(order, await findBuyer(tx, order), news)
    const { id: orderId, contactId } = order
    const charge = { orderId, accountId, contactId, chargeId, stars, payerTelegramId, outcome, at }
    const isNew = await insertCharge(tx, charge)
    if (!isNew) return 'repeated'
    if (outcome === 'settled') await settleOrder(tx, order, { act: 'pay', by: 'stars', at, translator })
    // What a member has to do already stays in front of them.
    else await flagOrder(tx, order, order.reviewReason ?? outcome, at)
    return outcome
  })
}

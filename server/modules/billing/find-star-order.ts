import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import { selectPayment } from './payment.store.ts'

export interface StarQuestion {
  /** The invoice's payload. */
  readonly reference: string
  /** The account whose bot was asked. */
  readonly accountId: number
  readonly stars: number
  readonly currency: string
  readonly at: number
}

/** Whether an order may be paid in Stars now, in one read: Telegram waits ten seconds for the answer. */
export const mayPayWithStars = async (db: Db, question: StarQuestion): Promise<boolean> => {
  const { reference, accountId, stars, currency, at } = question
  const payment = await asOperator(db, 'check a payment in Stars', (tx) => selectPayment(tx, { reference }))
  return (
    payment !== null &&
    payment.provider === 'stars' &&
    payment.state === 'pending' &&
    payment.reviewReason === null &&
    payment.sellerAccountId === accountId &&
    payment.expiresAt > at &&
    payment.asked.amountMinor === stars &&
    payment.asked.currency === currency
  )
}

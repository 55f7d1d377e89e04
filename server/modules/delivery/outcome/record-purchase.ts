import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type OrderInput, recordOrder } from '#server/modules/contacts/index.ts'

import { noteDripEvent } from '../drip-position.store.ts'
import { creditConversion } from './response.store.ts'

export interface Purchase {
  /** False when this order was known already: nothing changed. */
  readonly isNew: boolean
  /** The delivery that bears the conversion; null when none reached the contact in the week before. */
  readonly deliveryId: number | null
}

/**
 * Records a paid order of a contact, credits it to the last automated delivery of the seven days before, and ends the
 * drips that an order ends. The same order told twice counts once. Locks the contact. Errors: those of `recordOrder`.
 */
export const recordPurchase = async (tx: TenantTx, order: OrderInput): Promise<Purchase> => {
  if (!(await recordOrder(tx, order))) return { isNew: false, deliveryId: null }
  const { contactId, at } = order
  await noteDripEvent(tx, { contactId, what: 'order', at })
  return { isNew: true, deliveryId: await creditConversion(tx, contactId, at) }
}

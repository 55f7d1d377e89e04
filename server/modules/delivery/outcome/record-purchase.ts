import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type OrderInput, recordOrder } from '#server/modules/contacts/index.ts'

import { creditConversion } from './response.store.ts'

export interface Purchase {
  /** False when this order was known already: nothing changed. */
  readonly isNew: boolean
  /** The delivery that bears the conversion; null when none reached the contact in the week before. */
  readonly deliveryId: number | null
}

/**
 * Records a paid order of a contact and credits it to the last automated delivery of the seven days before. The same
 * order told twice counts once. Locks the contact. Errors: those of `recordOrder`.
 */
export const recordPurchase = async (tx: TenantTx, order: OrderInput): Promise<Purchase> => {
  if (!(await recordOrder(tx, order))) return { isNew: false, deliveryId: null }
  return { isNew: true, deliveryId: await creditConversion(tx, order.contactId, order.at) }
}

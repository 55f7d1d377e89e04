import { notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockContact } from './contact.store.ts'
import { subtractOrder } from './feature.store.ts'
import { findNewEvents, insertContactEvents } from './message.store.ts'
import type { OrderInput } from './record-order.ts'

/**
 * Takes a paid order back: order count, revenue and last payment are as if it had not been; what was done to come to it
 * stays done. `at` is when the money went back. Told twice at one instant it counts once, and what was never ordered
 * changes nothing. Locks the contact. Emits `contact.changed`. Returns whether anything changed. Errors: `not_found`.
 */
export const recordRefund = async (tx: TenantTx, input: OrderInput): Promise<boolean> => {
  const { contactId, amountMinor, reference, at } = input
  const contact = await lockContact(tx, contactId)
  if (!contact || contact.erased_at || contact.merged_into_id !== null) throw notFound('contact', contactId)
  const entry = { at, contactId, kind: 'refunded', detail: { reference, amountMinor } }
  if ((await findNewEvents(tx, [entry])).size === 0) return false
  if (!(await subtractOrder(tx, contactId, reference))) return false
  await insertContactEvents(tx, [entry])
  await emitEvents(tx, at, [{ type: 'contact.changed', payload: { contactIds: [contactId] } }])
  return true
}

import { invalid, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockContact } from './contact.store.ts'
import { ENGAGEMENT_WEIGHTS, addToMass } from './engagement.rules.ts'
import { addOrder, findFeatures } from './feature.store.ts'
import { findNewEvents, insertContactEvents } from './message.store.ts'

export interface OrderInput {
  readonly contactId: number
  /** Paid, in the tenant's currency; kuruş for lira. */
  readonly amountMinor: number
  /** The order's number where it comes from: the same order told twice at one instant counts once. */
  readonly reference: string
  /** Epoch ms; when it was paid. */
  readonly at: number
}

/**
 * Records a paid order: order count, revenue, last payment, engagement, timeline. Locks the contact. Emits
 * `contact.changed`. Returns whether the order was new. Errors: `not_found`, `invalid/amount_out_of_range`.
 */
export const recordOrder = async (tx: TenantTx, input: OrderInput): Promise<boolean> => {
  const { contactId, amountMinor, reference, at } = input
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0) {
    throw invalid('amount_out_of_range', 'amountMinor', { value: amountMinor })
  }
  const contact = await lockContact(tx, contactId)
  if (!contact || contact.erased_at || contact.merged_into_id !== null) throw notFound('contact', contactId)
  const entry = { at, contactId, kind: 'ordered', detail: { reference, amountMinor } }
  if ((await findNewEvents(tx, [entry])).size === 0) return false
  const known = await findFeatures(tx, contactId)
  const { mass, massAt } = addToMass(known?.features ?? { mass: 0, massAt: null }, ENGAGEMENT_WEIGHTS.ordered, at)
  await addOrder(tx, contactId, { amountMinor, at, mass, massAt })
  await insertContactEvents(tx, [entry])
  await emitEvents(tx, at, [{ type: 'contact.changed', payload: { contactIds: [contactId] } }])
  return true
}

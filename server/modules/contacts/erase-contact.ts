import { AppError, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { addSuppression } from './consent.store.ts'
import { lockContact } from './contact.store.ts'
import { eraseInvitations } from './erase-invitations.store.ts'
import { auditErasure, eraseContactRow, eraseHistory, eraseUpdates, isSendInFlight } from './erase.store.ts'
import { personHash } from './suppression.rules.ts'

/**
 * Forgets one person: names, ids, tags, attributes, texts, timeline, memberships, segments, stored updates and the
 * content of deliveries. What stays names nobody: the consent ledger as proof, delivery rows as counts, and a hash on
 * the suppression list, so that the same person, back by an import or by chance, is not written to. Cannot be undone.
 * `by` is who did it, for the audit log (`contact`, `member:12`). Locks the contact. Emits `contact.stopped` and
 * `contact.changed`. Errors: `not_found` (also for one erased before), `conflict/contact_send_in_flight`: a message is
 * leaving this moment; try again in a minute.
 */
export const eraseContact = async (
  tx: TenantTx,
  id: number,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const contact = await lockContact(tx, id)
  if (!contact || contact.erased_at) throw notFound('contact', id)
  if (contact.merged_into_id !== null) return eraseContact(tx, contact.merged_into_id, { by, at })
  if (await isSendInFlight(tx, id)) throw new AppError('conflict', 'contact_send_in_flight', { id })
  const hash = personHash(tx.tenantId, { telegramId: contact.telegram_id, username: contact.username })
  if (hash) await addSuppression(tx, hash, 'erased', by, at)
  await eraseHistory(tx, id, at)
  await eraseInvitations(tx, id, at)
  if (contact.telegram_id !== null) await eraseUpdates(tx, contact.telegram_id)
  await eraseContactRow(tx, id, at)
  await auditErasure(tx, id, by, at)
  await emitEvents(tx, at, [
    { type: 'contact.stopped', payload: { contactId: id, source: 'erased' } },
    { type: 'contact.changed', payload: { contactIds: [id] } },
  ])
}

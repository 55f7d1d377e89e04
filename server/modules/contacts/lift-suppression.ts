import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { endSuppression, markSuppressed } from './consent.store.ts'
import { lockContact } from './contact.store.ts'
import { insertContactEvents } from './message.store.ts'
import { personHash } from './suppression.rules.ts'

/**
 * Takes a contact off the suppression list because the person opted in again. A suppression younger than `at` stays:
 * an old yes does not undo a newer no. Consent itself is recorded apart. Locks the contact. Errors: `not_found`.
 */
export const liftSuppression = async (
  tx: TenantTx,
  input: { readonly contactId: number; readonly source: string; readonly at: number },
): Promise<void> => {
  const { contactId, source, at } = input
  const contact = await lockContact(tx, contactId)
  if (!contact) throw notFound('contact', contactId)
  if (contact.suppressed_at === null || contact.suppressed_at.getTime() > at) return
  const hash = personHash(tx.tenantId, { telegramId: contact.telegram_id, username: contact.username })
  if (hash) await endSuppression(tx, hash, at)
  await markSuppressed(tx, contactId, null)
  await insertContactEvents(tx, [{ at, contactId, kind: 'suppression_lifted', detail: { source } }])
}

import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockContact } from './contact.store.ts'

/**
 * The id of a contact that something may be kept of, locked; a merged one's leads to whom it was merged into.
 * Errors: `not_found`, `conflict/contact_erased`.
 */
export const lockLivingContact = async (tx: TenantTx, id: number): Promise<number> => {
  const contact = await lockContact(tx, id)
  if (!contact) throw notFound('contact', id)
  if (contact.merged_into_id !== null) return lockLivingContact(tx, contact.merged_into_id)
  if (contact.erased_at) throw new AppError('conflict', 'contact_erased', { id })
  return id
}

import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Contact, getContact } from '#server/modules/contacts/index.ts'

/** A contact to look at: an erased one is a number in old counts, and nobody. Errors: `not_found`. */
export const getPerson = async (tx: TenantTx, id: number): Promise<Contact> => {
  const contact = await getContact(tx, id)
  if (contact.erasedAt !== null) throw notFound('contact', id)
  return contact
}

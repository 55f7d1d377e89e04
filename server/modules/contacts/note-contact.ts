import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { lockLivingContact } from './lock-living-contact.ts'
import { type ContactNote, checkContactNote } from './crm.rules.ts'
import { deleteNote, insertNote, selectNotes } from './note.store.ts'

const NOTES_SHOWN = 100

/**
 * Keeps a note about a contact until somebody removes it or the contact is erased. Returns its id. Locks the contact.
 * Errors: `forbidden/not_allowed`, `not_found`, `invalid/text_length`.
 */
export const addContactNote = async (
  tx: TenantTx,
  { contactId, text }: { readonly contactId: number; readonly text: string },
  { by, access, at }: ActingPerson,
): Promise<number> => {
  requireCan(access, 'contacts.edit')
  const note = checkContactNote(text)
  const id = await lockLivingContact(tx, contactId)
  return insertNote(tx, { contactId: id, text: note, writtenBy: by, at })
}

/** The newest hundred notes about a contact. Errors: `forbidden/not_allowed`. */
export const listContactNotes = (
  tx: TenantTx,
  contactId: number,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly ContactNote[]> => {
  requireCan(access, 'contacts.view')
  return selectNotes(tx, contactId, NOTES_SHOWN)
}

/** Errors: `forbidden/not_allowed`, `not_found`. */
export const removeContactNote = async (tx: TenantTx, id: number, { access }: ActingPerson): Promise<void> => {
  requireCan(access, 'contacts.edit')
  if (!(await deleteNote(tx, id))) throw notFound('note', id)
}

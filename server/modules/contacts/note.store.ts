import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ContactNote } from './crm.rules.ts'

export const insertNote = async (
  tx: TenantTx,
  note: Pick<ContactNote, 'contactId' | 'text' | 'writtenBy' | 'at'>,
): Promise<number> => {
  const { id } = await tx
    .insertInto('contact_note')
    .values({
      tenant_id: tx.tenantId,
      contact_id: note.contactId,
      text: note.text,
      written_by: note.writtenBy,
      at: toDate(note.at),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The newest notes of a contact. */
export const selectNotes = async (tx: TenantTx, contactId: number, limit: number): Promise<readonly ContactNote[]> => {
  const rows = await tx
    .selectFrom('contact_note')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    contactId: row.contact_id,
    text: row.text,
    writtenBy: row.written_by,
    at: row.at.getTime(),
  }))
}

/** Returns whether there was one. */
export const deleteNote = async (tx: TenantTx, id: number): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('contact_note')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type ExportRow, type ExportSection, selectEverything } from './export.store.ts'
import { getContact } from './find-contact.ts'

export interface ContactExport {
  readonly format: 'gavatcore.contact.1'
  readonly exportedAt: string
  readonly contactId: number
  readonly sections: Readonly<Record<ExportSection, readonly ExportRow[]>>
}

/**
 * Everything known of one contact, as JSON: what a person may ask for. Message texts are in it, so it goes to the
 * person or to a member entitled to see them, never to a log. Errors: `not_found`.
 */
export const exportContact = async (tx: TenantTx, id: number, at: number): Promise<ContactExport> => {
  const contact = await getContact(tx, id)
  return {
    format: 'gavatcore.contact.1',
    exportedAt: toDate(at).toISOString(),
    contactId: contact.id,
    sections: await selectEverything(tx, contact.id),
  }
}

import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Every table that holds something about one contact, the column that names the contact, and its order. */
const SOURCES = {
  contact: ['contact', 'id', 'id'],
  features: ['contact_feature', 'contact_id', 'contact_id'],
  accounts: ['contact_account', 'contact_id', 'account_id'],
  chats: ['contact_chat', 'contact_id', 'chat_id'],
  consents: ['contact_consent', 'contact_id', 'purpose'],
  consentLedger: ['consent_ledger', 'contact_id', 'id'],
  messages: ['message', 'contact_id', 'at'],
  events: ['contact_event', 'contact_id', 'at'],
  deliveries: ['delivery', 'contact_id', 'id'],
  segments: ['segment_assignment', 'contact_id', 'contact_id'],
  pinnedSegments: ['segment_pin', 'contact_id', 'segment'],
  formerSegments: ['segment_history', 'contact_id', 'id'],
  refusedInvites: ['invite_refusal', 'contact_id', 'chat_id'],
} as const

export type ExportSection = keyof typeof SOURCES
export type ExportRow = Readonly<Record<string, unknown>>

/** All rows about one contact, by section; instants as ISO 8601, without the tenant's id. */
export const selectEverything = async (
  tx: TenantTx,
  contactId: number,
): Promise<Record<ExportSection, ExportRow[]>> => {
  const sections: Partial<Record<ExportSection, ExportRow[]>> = {}
  for (const [section, [table, key, order]] of Object.entries(SOURCES)) {
    const { rows } = await sql<{ row: ExportRow }>`
      select to_jsonb(t) - 'tenant_id' as row from ${sql.table(table)} t
      where tenant_id = ${tx.tenantId} and ${sql.ref(key)} = ${contactId} order by ${sql.ref(order)}`.execute(tx)
    sections[section as ExportSection] = rows.map((r) => r.row)
  }
  return sections as Record<ExportSection, ExportRow[]>
}

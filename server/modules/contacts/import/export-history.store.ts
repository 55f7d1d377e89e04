import type { TenantTx } from '#server/db/tenant-scope.ts'

/** The tenant's accounts by their Telegram ids: none of them is a contact. */
export const findOwnAccounts = async (tx: TenantTx): Promise<Map<number, number>> => {
  const rows = await tx
    .selectFrom('account')
    .select(['id', 'telegram_id'])
    .where('tenant_id', '=', tx.tenantId)
    .execute()
  return new Map(rows.map((row) => [row.telegram_id, row.id]))
}

/** Counts messages sent to a contact, whose row the caller has locked. */
export const addOutbound = async (tx: TenantTx, contactId: number, messages: number): Promise<void> => {
  await tx
    .updateTable('contact_feature')
    .set((eb) => ({ outbound_count: eb('outbound_count', '+', messages) }))
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .execute()
}

/** The living contact with this Telegram id, or null. */
export const findContactId = async (tx: TenantTx, telegramId: number): Promise<number | null> => {
  const row = await tx
    .selectFrom('contact')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('telegram_id', '=', telegramId)
    .where('merged_into_id', 'is', null)
    .executeTakeFirst()
  return row?.id ?? null
}

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Whether a message to the contact is on its way at this moment. */
export const isSendInFlight = async (tx: TenantTx, contactId: number): Promise<boolean> => {
  const row = await tx
    .selectFrom('delivery')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('state', '=', 'reserved')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Removes what was said and done: private messages and timeline go, lines in groups stay as anonymous counts, deliveries
 * keep what caps and audits count and lose address and content; those still waiting are cancelled.
 */
export const eraseHistory = async (tx: TenantTx, contactId: number, at: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`delete from message where tenant_id = ${tenant} and contact_id = ${contactId} and chat_id > 0`.execute(tx)
  await sql`
    update message set contact_id = null, telegram_message_id = null, text = null
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
  await sql`
    update delivery set state = 'cancelled', reason = 'suppressed', finished_at = ${toDate(at)}
    where tenant_id = ${tenant} and contact_id = ${contactId} and state in ('planned', 'deferred')`.execute(tx)
  await sql`
    update delivery set chat_id = 0, content = case when content is not null then '{}'::jsonb end
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
  for (const table of [
    'contact_event',
    'contact_account',
    'contact_chat',
    'contact_feature',
    'contact_consent',
    'invite_refusal',
    'spam_finding',
  ] as const) {
    await tx.deleteFrom(table).where('tenant_id', '=', tenant).where('contact_id', '=', contactId).execute()
  }
}

/** Empties the stored updates that name the person: in `from`, as a private chat, or anywhere else. */
export const eraseUpdates = async (tx: TenantTx, telegramId: number): Promise<void> => {
  await sql`
    update update_inbox set payload = null
    where tenant_id = ${tx.tenantId} and state <> 'new' and payload is not null
      and jsonb_path_exists(payload, '$.**.id ? (@ == $person)', jsonb_build_object('person', ${telegramId}::bigint))`.execute(
    tx,
  )
}

/** Leaves of the contact row only that somebody was there, and that nobody may write. */
export const eraseContactRow = async (tx: TenantTx, contactId: number, at: number): Promise<void> => {
  await sql`
    update contact set telegram_id = null, username = null, first_name = '', last_name = '', language_code = null,
      is_premium = false, time_zone = null, tags = '{}', attributes = '{}', source = null,
      suppressed_at = coalesce(suppressed_at, ${toDate(at)}), suppressed_reason = coalesce(suppressed_reason, 'erased'),
      erased_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and id = ${contactId}`.execute(tx)
}

/** Writes who erased whom. */
export const auditErasure = async (tx: TenantTx, contactId: number, by: string, at: number): Promise<void> => {
  await tx
    .insertInto('audit_log')
    .values({
      tenant_id: tx.tenantId,
      actor: by,
      action: 'contact.erased',
      target: `contact:${contactId}`,
      at: toDate(at),
    })
    .execute()
}

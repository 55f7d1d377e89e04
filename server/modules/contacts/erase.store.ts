import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { eraseFromInbox } from './inbox-history.store.ts'

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
  await sql`
    update rule_fired set contact_id = null, chat_id = case when chat_id > 0 then 0 else chat_id end
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
  await eraseFromWelcomes(tx, contactId, at)
  await sql`update model_use set contact_id = null where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(
    tx,
  )
  await forgetModelAnswers(tx, contactId)
  await eraseFromSales(tx, contactId)
  await eraseFromInbox(tx, contactId)
  for (const table of [
    'contact_event',
    'product_offer',
    'contact_account',
    'contact_chat',
    'contact_feature',
    'contact_consent',
    'invite_refusal',
    'spam_finding',
    'trusted_member',
    'join_request',
    'group_act',
    'welcomed_member',
    'group_pointer',
    'drip_position',
    'post_response',
    'delivery_slot',
  ] as const) {
    await tx.deleteFrom(table).where('tenant_id', '=', tenant).where('contact_id', '=', contactId).execute()
  }
}

/** A welcome that names the person: one that waits is not sent, one that went keeps no text. */
const eraseFromWelcomes = async (tx: TenantTx, contactId: number, at: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    update message set text = null where tenant_id = ${tenant} and delivery_id in (
      select delivery_id from welcomed_member where tenant_id = ${tenant} and contact_id = ${contactId})`.execute(tx)
  await sql`
    update delivery set content = jsonb_set(content, '{text}', '""'),
      state = case when state in ('planned', 'deferred') then 'cancelled' else state end,
      reason = case when state in ('planned', 'deferred') then 'suppressed' else reason end,
      finished_at = case when state in ('planned', 'deferred') then ${toDate(at)} else finished_at end
    where tenant_id = ${tenant} and contact_id is null and id in (
      select delivery_id from welcomed_member where tenant_id = ${tenant} and contact_id = ${contactId})`.execute(tx)
}

/** Removes what models answered about the contact. */
export const forgetModelAnswers = async (tx: TenantTx, contactId: number): Promise<void> => {
  await sql`delete from model_answer
    where tenant_id = ${tx.tenantId} and contact_ids @> array[${contactId}]::bigint[]`.execute(tx)
}

/** Amounts and moves stay, as those of payments do; nothing says any more whose they were. */
const eraseFromSales = async (tx: TenantTx, contactId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    update order_charge set contact_id = null, payer_telegram_id = null
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
  await sql`update funnel_step set contact_id = null where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(
    tx,
  )
  await sql`
    update sales_order set contact_id = null, press_key = 'erased:' || id, fulfilment_content = null,
      fulfilment = 'hand', state = case when state in ('created', 'payment_pending') then 'cancelled' else state end
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
  await sql`
    update funnel_run set contact_id = null, wake_at = null, ended_at = coalesce(ended_at, since_at)
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
}

/** Empties the stored updates that name the person: in `from`, as a private chat, or anywhere else. */
export const eraseUpdates = async (tx: TenantTx, telegramId: number): Promise<void> => {
  await sql`update chat_account set added_by = null where tenant_id = ${tx.tenantId} and added_by = ${telegramId}`.execute(
    tx,
  )
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

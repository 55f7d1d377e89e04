import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Conversations, notes, tasks and stages go; a rating stays as a figure that names nobody. */
export const eraseFromInbox = async (tx: TenantTx, contactId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    update conversation_rating set contact_id = null, conversation_id = null, comment = null, comment_until = null
    where tenant_id = ${tenant} and contact_id = ${contactId}`.execute(tx)
  for (const table of ['contact_note', 'contact_task', 'contact_stage', 'conversation'] as const)
    await tx.deleteFrom(table).where('tenant_id', '=', tenant).where('contact_id', '=', contactId).execute()
}

/** Where both have a conversation, what a model still owed in the one that goes ends with it; the rest moves over. */
const moveAnswering = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const both = sql`conversation g join conversation k on k.tenant_id = g.tenant_id and k.account_id = g.account_id
      and k.contact_id = ${keepId}
    where g.tenant_id = ${tx.tenantId} and g.contact_id = ${goneId}`
  await sql`
    update answer_turn t set conversation_id = k.id from ${both}
      and t.tenant_id = g.tenant_id and t.conversation_id = g.id and t.state = 'done'`.execute(tx)
  await sql`
    update reply_draft d set conversation_id = k.id,
      state = case when d.state = 'proposed' then 'superseded' else d.state end,
      decided_at = coalesce(d.decided_at, d.created_at), decided_by = coalesce(d.decided_by, 'merge') from ${both}
      and d.tenant_id = g.tenant_id and d.conversation_id = g.id`.execute(tx)
}

/**
 * Moves conversations, ratings, notes, tasks and stages of `goneId` to `keepId`. Where both have one, the kept
 * conversation takes over what happened in the other, and where the kept contact stands holds.
 */
export const moveInbox = async (tx: TenantTx, keepId: number, goneId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    update conversation_event e set conversation_id = k.id
    from conversation g join conversation k on k.tenant_id = g.tenant_id and k.account_id = g.account_id and k.contact_id = ${keepId}
    where g.tenant_id = ${tenant} and g.contact_id = ${goneId} and e.tenant_id = g.tenant_id and e.conversation_id = g.id`.execute(
    tx,
  )
  await sql`
    update conversation_rating r set conversation_id = k.id
    from conversation g join conversation k on k.tenant_id = g.tenant_id and k.account_id = g.account_id and k.contact_id = ${keepId}
    where g.tenant_id = ${tenant} and g.contact_id = ${goneId} and r.tenant_id = g.tenant_id and r.conversation_id = g.id`.execute(
    tx,
  )
  await moveAnswering(tx, keepId, goneId)
  await sql`
    delete from conversation g using conversation k
    where g.tenant_id = ${tenant} and g.contact_id = ${goneId}
      and k.tenant_id = g.tenant_id and k.account_id = g.account_id and k.contact_id = ${keepId}`.execute(tx)
  await sql`
    update contact_stage g set until = greatest(g.since, k.since)
    from contact_stage k
    where g.tenant_id = ${tenant} and g.contact_id = ${goneId} and g.until is null
      and k.tenant_id = g.tenant_id and k.pipeline_id = g.pipeline_id and k.contact_id = ${keepId} and k.until is null`.execute(
    tx,
  )
  for (const table of [
    'conversation',
    'conversation_event',
    'conversation_rating',
    'answer_turn',
    'reply_draft',
    'contact_note',
    'contact_task',
    'contact_stage',
  ] as const)
    await sql`update ${sql.table(table)} set contact_id = ${keepId} where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(
      tx,
    )
}

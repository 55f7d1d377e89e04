import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Settings of which the successor keeps its own where it has some. */
const SETTINGS = ['moderation_setting', 'join_setting', 'chat_voice', 'chat_interest'] as const
/** Lists keyed by chat and something else, united with the successor's. */
const LISTS = [
  ['trusted_member', 'contact_id'],
  ['welcomed_member', 'contact_id'],
  ['link_sighting', 'username'],
  ['group_post', 'name'],
] as const

/**
 * Moves to a group's successor whatever was set up for the group or waits to be posted there, so that it goes on as if
 * nothing had happened. What waits in a queue is readdressed; what is on its way already is answered with the new number.
 */
export const moveWhatHangsOnChat = async (
  tx: TenantTx,
  chat: { readonly from: number; readonly to: number; readonly fromTelegramId: number; readonly toTelegramId: number },
): Promise<void> => {
  const { from, to } = chat
  const tenant = tx.tenantId
  for (const table of SETTINGS) {
    await sql`
      update ${sql.table(table)} s set chat_id = ${to}
      where s.tenant_id = ${tenant} and s.chat_id = ${from}
        and not exists (select from ${sql.table(table)} o where o.tenant_id = ${tenant} and o.chat_id = ${to})`.execute(
      tx,
    )
  }
  for (const [table, key] of LISTS) {
    await sql`
      update ${sql.table(table)} s set chat_id = ${to}
      where s.tenant_id = ${tenant} and s.chat_id = ${from} and not exists (
        select from ${sql.table(table)} o
        where o.tenant_id = ${tenant} and o.chat_id = ${to} and o.${sql.ref(key)} = s.${sql.ref(key)})`.execute(tx)
  }
  await sql`update group_act set chat_id = ${to} where tenant_id = ${tenant} and chat_id = ${from}`.execute(tx)
  await sql`
    update join_request r set chat_id = ${to}
    where r.tenant_id = ${tenant} and r.chat_id = ${from} and not exists (
      select from join_request o where o.tenant_id = ${tenant} and o.chat_id = ${to} and o.contact_id = r.contact_id
        and o.requested_at = r.requested_at)`.execute(tx)
  await sql`
    update delivery set chat_id = ${chat.toTelegramId}
    where tenant_id = ${tenant} and account_id in (select id from account where tenant_id = ${tenant})
      and state in ('planned', 'deferred') and contact_id is null and chat_id = ${chat.fromTelegramId}`.execute(tx)
}

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ChatRef } from './contact.rules.ts'
import type { MembershipRow, ReachRow } from './reach.rules.ts'

const iso = (at: number | null): string | null => (at === null ? null : toDate(at).toISOString())

/** Writes reachability, unless something newer is known; one row per contact and account. */
export const saveReach = async (tx: TenantTx, reach: readonly ReachRow[]): Promise<void> => {
  if (reach.length === 0) return
  await sql`${ahead}
    insert into contact_account as a (tenant_id, contact_id, account_id, reachability, started_at, start_payload,
      last_inbound_at, changed_at)
    select ${tx.tenantId}, contact_id, account_id, coalesce(reachability, 'not_started'), started_at, start_payload,
      inbound_at, at
    from unnest(${reach.map((r) => r.contactId)}::bigint[], ${reach.map((r) => r.accountId)}::bigint[],
      ${reach.map((r) => r.reachability)}::text[], ${reach.map((r) => iso(r.startedAt))}::timestamptz[],
      ${reach.map((r) => r.startPayload)}::text[], ${reach.map((r) => iso(r.inboundAt))}::timestamptz[],
      ${reach.map((r) => iso(r.at))}::timestamptz[])
      as r(contact_id, account_id, reachability, started_at, start_payload, inbound_at, at)
    on conflict (tenant_id, contact_id, account_id) do update set
      reachability = case when excluded.changed_at >= a.changed_at then excluded.reachability else a.reachability end,
      changed_at = greatest(a.changed_at, excluded.changed_at),
      started_at = coalesce(a.started_at, excluded.started_at),
      start_payload = coalesce(excluded.start_payload, a.start_payload),
      last_inbound_at = greatest(a.last_inbound_at, excluded.last_inbound_at)`.execute(tx)
}

/** Makes sure these chats exist (unique by Telegram id) and returns their row ids. With `rename`, a new title is taken over. */
export const ensureChats = async (
  tx: TenantTx,
  chats: readonly ChatRef[],
  at: number,
  rename: boolean,
): Promise<Map<number, number>> => {
  const { rows } = await sql<{ telegram_id: number; id: number }>`
    with given as (
      select * from unnest(${chats.map((c) => c.telegramId)}::bigint[], ${chats.map((c) => c.kind)}::text[],
        ${chats.map((c) => c.title)}::text[]) as g(telegram_id, kind, title)
    ), known as (
      select c.id, c.telegram_id, c.title, c.kind from chat c join given g using (telegram_id)
      where c.tenant_id = ${tx.tenantId}
    ), renamed as (
      update chat c set title = g.title from given g
      where c.tenant_id = ${tx.tenantId} and c.telegram_id = g.telegram_id and ${rename} and g.title <> '' and c.title <> g.title
    ), added as (
      insert into chat (tenant_id, telegram_id, kind, title, added_at)
      select ${tx.tenantId}, telegram_id, kind, title, ${iso(at)}::timestamptz from given
      where telegram_id not in (select telegram_id from known)
      order by telegram_id
      on conflict (tenant_id, telegram_id) do update set title = excluded.title
      returning id, telegram_id
    )
    select telegram_id, id from known union all select telegram_id, id from added`.execute(tx)
  return new Map(rows.map((row) => [row.telegram_id, row.id]))
}

/**
 * Writes memberships; one row per contact and chat, `chatId` being our row id. Older news never overrides newer.
 * `joined_at` is the instant of joining, or the first one at which the contact is known to have been there.
 */
export const saveMemberships = async (tx: TenantTx, memberships: readonly MembershipRow[]): Promise<void> => {
  if (memberships.length === 0) return
  await sql`
    insert into contact_chat as m (tenant_id, contact_id, chat_id, status, checked_at, joined_at, left_at,
      last_active_at, message_count)
    select ${tx.tenantId}, contact_id, chat_id, coalesce(status, 'member'), at,
      case when coalesce(status, 'member') = 'member' then coalesce(joined_at, active_at, at) end,
      case when status in ('left', 'kicked') then at end, active_at, messages
    from unnest(${memberships.map((m) => m.contactId)}::bigint[], ${memberships.map((m) => m.chatId)}::bigint[],
      ${memberships.map((m) => m.status)}::text[], ${memberships.map((m) => iso(m.at))}::timestamptz[],
      ${memberships.map((m) => iso(m.joinedAt))}::timestamptz[], ${memberships.map((m) => iso(m.activeAt))}::timestamptz[],
      ${memberships.map((m) => m.messages)}::int[]) as g(contact_id, chat_id, status, at, joined_at, active_at, messages)
    on conflict (tenant_id, contact_id, chat_id) do update set
      status = case when excluded.checked_at >= m.checked_at then excluded.status else m.status end,
      checked_at = greatest(m.checked_at, excluded.checked_at),
      joined_at = case
        when excluded.status = 'member' and m.status <> 'member' and excluded.checked_at >= m.checked_at
          then excluded.joined_at
        else least(m.joined_at, excluded.joined_at) end,
      left_at = case
        when excluded.checked_at < m.checked_at then m.left_at
        when excluded.status = 'member' then null
        else excluded.left_at end,
      last_active_at = greatest(m.last_active_at, excluded.last_active_at),
      message_count = m.message_count + excluded.message_count`.execute(tx)
}

/** The known way of an account to a contact, locked, or null. */
export const findReachability = async (
  tx: TenantTx,
  contactId: number,
  accountId: number,
): Promise<{ readonly reachability: string; readonly changedAt: number } | null> => {
  const row = await tx
    .selectFrom('contact_account')
    .select(['reachability', 'changed_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('account_id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row ? { reachability: row.reachability, changedAt: row.changed_at.getTime() } : null
}

/** What is known of a contact's membership in a chat (row id), or null. */
export const findMembershipStatus = async (tx: TenantTx, contactId: number, chatId: number): Promise<string | null> => {
  const row = await tx
    .selectFrom('contact_chat')
    .select('status')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('chat_id', '=', chatId)
    .executeTakeFirst()
  return row?.status ?? null
}

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { moveWhatHangsOnChat } from './chat-move.store.ts'
import type { Chat, ChatCursor, ChatFilter, KnownMembership } from './group.rules.ts'

const chats = (tx: TenantTx) =>
  tx
    .selectFrom('chat as c')
    .select([
      'c.id',
      'c.telegram_id',
      'c.kind',
      'c.title',
      'c.username',
      'c.migrated_to_id',
      'c.member_count',
      'c.added_at',
      'c.over_package_since',
      'c.administrator_count',
      'c.profile_checked_at',
      'c.profile_fault',
    ])
    .select((eb) =>
      eb
        .selectFrom('contact_chat as m')
        .select(eb.fn.countAll<number>().as('known'))
        .whereRef('m.tenant_id', '=', 'c.tenant_id')
        .whereRef('m.chat_id', '=', 'c.id')
        .where('m.status', '=', 'member')
        .as('known_members'),
    )
    .where('c.tenant_id', '=', tx.tenantId)

type ChatRow = Awaited<ReturnType<ReturnType<typeof chats>['execute']>>[number]

const toChat = (row: ChatRow): Chat => ({
  id: row.id,
  telegramId: row.telegram_id,
  kind: row.kind as Chat['kind'],
  title: row.title,
  username: row.username,
  migratedToTelegramId: row.migrated_to_id,
  memberCount: row.member_count,
  knownMembers: row.known_members ?? 0,
  addedAt: row.added_at.getTime(),
  overPackageSince: row.over_package_since?.getTime() ?? null,
  administratorCount: row.administrator_count,
  profileCheckedAt: row.profile_checked_at?.getTime() ?? null,
  profileFault: row.profile_fault,
})

/** The chat of this row id. */
export const findChatById = async (tx: TenantTx, id: number): Promise<Chat | null> => {
  const row = await chats(tx).where('c.id', '=', id).executeTakeFirst()
  return row ? toChat(row) : null
}

/** The chat of this Telegram id. */
export const findChatByTelegramId = async (tx: TenantTx, telegramId: number): Promise<Chat | null> => {
  const row = await chats(tx).where('c.telegram_id', '=', telegramId).executeTakeFirst()
  return row ? toChat(row) : null
}

/**
 * Row and Telegram ids of chats by the Telegram ids they were asked for; of a chat that moved those of where it is now.
 * Nobody in them is counted.
 */
export const findChatIds = async (
  tx: TenantTx,
  telegramIds: readonly number[],
): Promise<ReadonlyMap<number, { readonly id: number; readonly telegramId: number }>> => {
  const { rows } = await sql<{ asked: number; id: number; telegram_id: number }>`
    select c.telegram_id as asked, now.id, now.telegram_id from chat c
    join chat now on now.tenant_id = c.tenant_id and now.telegram_id = coalesce(c.migrated_to_id, c.telegram_id)
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = any(${telegramIds}::bigint[])`.execute(tx)
  return new Map(rows.map((row) => [row.asked, { id: row.id, telegramId: row.telegram_id }]))
}

/** Up to `limit` chats that did not move elsewhere, by title and id, after `cursor`. */
export const selectChats = async (
  tx: TenantTx,
  filter: ChatFilter,
  cursor: ChatCursor | null,
  limit: number,
): Promise<Chat[]> => {
  let query = chats(tx).where('c.migrated_to_id', 'is', null)
  const { kind, accountId, search } = filter
  if (search !== undefined) {
    const pattern = `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`
    query = query.where((eb) => eb.or([eb('c.title', 'ilike', pattern), eb('c.username', 'ilike', pattern)]))
  }
  if (kind !== undefined) query = query.where('c.kind', '=', kind)
  if (accountId !== undefined) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('chat_account as a')
          .select('a.chat_id')
          .whereRef('a.tenant_id', '=', 'c.tenant_id')
          .whereRef('a.chat_id', '=', 'c.id')
          .where('a.account_id', '=', accountId)
          .where('a.status', 'in', ['administrator', 'member', 'restricted']),
      ),
    )
  }
  if (cursor) query = query.where(sql<boolean>`(c.title, c.id) > (${cursor.title}, ${cursor.id}::bigint)`)
  const rows = await query.orderBy('c.title').orderBy('c.id').limit(limit).execute()
  return rows.map(toChat)
}

/** Groups the tenant's accounts are in, those known first first. */
export const listJoinedGroups = async (
  tx: TenantTx,
): Promise<readonly { readonly id: number; readonly isOver: boolean }[]> => {
  const { rows } = await sql<{ id: number; is_over: boolean }>`
    select c.id, c.over_package_since is not null as is_over from chat c
    where c.tenant_id = ${tx.tenantId} and c.kind <> 'channel' and c.migrated_to_id is null and exists (
      select from chat_account a where a.tenant_id = c.tenant_id and a.chat_id = c.id
        and a.status in ('administrator', 'member', 'restricted'))
    order by c.added_at, c.id`.execute(tx)
  return rows.map((row) => ({ id: row.id, isOver: row.is_over }))
}

/** Marks groups as beyond the package from `at` on, or, with null, as within it. */
export const saveOverPackage = async (tx: TenantTx, chatIds: readonly number[], at: number | null): Promise<void> => {
  if (chatIds.length === 0) return
  await tx
    .updateTable('chat')
    .set({ over_package_since: at === null ? null : toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', [...chatIds])
    .execute()
}

/** How many members Telegram says a chat has. */
export const saveMemberCount = async (tx: TenantTx, chatId: number, memberCount: number): Promise<void> => {
  await tx
    .updateTable('chat')
    .set({ member_count: memberCount })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', chatId)
    .execute()
}

/** What is known of a person's membership, and whether the account hears of changes by itself. Null without a row. */
export const findKnownMembership = async (
  tx: TenantTx,
  accountId: number,
  chatTelegramId: number,
  contactId: number,
): Promise<KnownMembership | null> => {
  const { rows } = await sql<{ status: string; checked_at: Date; administers: boolean }>`
    select m.status, m.checked_at, coalesce(a.status = 'administrator', false) as administers
    from chat c
    join contact_chat m on m.tenant_id = c.tenant_id and m.chat_id = c.id and m.contact_id = ${contactId}
    left join chat_account a on a.tenant_id = c.tenant_id and a.chat_id = c.id and a.account_id = ${accountId}
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = ${chatTelegramId}`.execute(tx)
  const row = rows[0]
  return row
    ? { isMember: row.status === 'member', checkedAt: row.checked_at.getTime(), administers: row.administers }
    : null
}

/**
 * Makes `toTelegramId` the group's successor: the supergroup's row is made if there is none yet, what accounts and
 * people are in the old one is moved, and the old row points to the new.
 */
export const moveChat = async (tx: TenantTx, fromTelegramId: number, toTelegramId: number): Promise<void> => {
  const tenant = tx.tenantId
  await sql`
    insert into chat (tenant_id, telegram_id, kind, title, username, member_count, added_at)
    select tenant_id, ${toTelegramId}::bigint, 'supergroup', title, username, member_count, added_at
    from chat where tenant_id = ${tenant} and telegram_id = ${fromTelegramId}
    on conflict (tenant_id, telegram_id) do nothing`.execute(tx)
  const { rows } = await sql<{ from_id: number; to_id: number }>`
    select f.id as from_id, t.id as to_id from chat f
    join chat t on t.tenant_id = f.tenant_id and t.telegram_id = ${toTelegramId}
    where f.tenant_id = ${tenant} and f.telegram_id = ${fromTelegramId} for update`.execute(tx)
  const pair = rows[0]
  if (!pair) return
  const { from_id: from, to_id: to } = pair
  await sql`
    with gone as (delete from contact_chat where tenant_id = ${tenant} and chat_id = ${from} returning *)
    insert into contact_chat as m (tenant_id, contact_id, chat_id, status, checked_at, joined_at, left_at,
      last_active_at, message_count)
    select tenant_id, contact_id, ${to}::bigint, status, checked_at, joined_at, left_at, last_active_at, message_count
    from gone
    on conflict (tenant_id, contact_id, chat_id) do update set
      joined_at = least(m.joined_at, excluded.joined_at),
      last_active_at = greatest(m.last_active_at, excluded.last_active_at),
      message_count = m.message_count + excluded.message_count`.execute(tx)
  await sql`
    with gone as (delete from chat_account where tenant_id = ${tenant} and chat_id = ${from} returning *)
    insert into chat_account (tenant_id, chat_id, account_id, status, rights, changed_at, added_by, is_installed)
    select tenant_id, ${to}::bigint, account_id, status, rights, changed_at, added_by, is_installed from gone
    on conflict (tenant_id, chat_id, account_id) do nothing`.execute(tx)
  await sql`
    with gone as (delete from chat_protection where tenant_id = ${tenant} and chat_id = ${from} returning *)
    insert into chat_protection (tenant_id, chat_id, parameters, updated_by, updated_at)
    select tenant_id, ${to}::bigint, parameters, updated_by, updated_at from gone
    on conflict do nothing`.execute(tx)
  await moveWhatHangsOnChat(tx, { from, to, toTelegramId, fromTelegramId })
  // Its messages count anew from here, and message numbers begin again.
  await sql`update spam_finding set chat_id = ${to}, message_id = -message_id
    where tenant_id = ${tenant} and chat_id = ${from}`.execute(tx)
  await sql`update chat set over_package_since = (select over_package_since from chat where tenant_id = ${tenant} and id = ${from})
    where tenant_id = ${tenant} and id = ${to} and over_package_since is null`.execute(tx)
  await tx
    .updateTable('chat')
    .set({ migrated_to_id: toTelegramId })
    .where('tenant_id', '=', tenant)
    .where('id', '=', from)
    .execute()
}

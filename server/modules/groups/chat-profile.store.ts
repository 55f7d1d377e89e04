import { sql } from 'kysely'

import type { AccountKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { OwnPlace } from './group.rules.ts'

/** The tenant's accounts in a chat, those that left included. */
export const listOwnPlaces = async (tx: TenantTx, chatId: number): Promise<readonly OwnPlace[]> => {
  const rows = await tx
    .selectFrom('chat_account as k')
    .innerJoin('account as a', (join) =>
      join.onRef('a.tenant_id', '=', 'k.tenant_id').onRef('a.id', '=', 'k.account_id'),
    )
    .select([
      'k.account_id',
      'a.kind',
      'a.display_name',
      'k.status',
      'k.rights',
      'k.is_installed',
      'a.reads_all_messages',
      'k.changed_at',
    ])
    .where('k.tenant_id', '=', tx.tenantId)
    .where('k.chat_id', '=', chatId)
    .orderBy('k.account_id')
    .execute()
  return rows.map((row) => ({
    accountId: row.account_id,
    kind: row.kind as AccountKind,
    displayName: row.display_name,
    status: row.status as OwnPlace['status'],
    rights: row.rights as OwnPlace['rights'],
    isInstalled: row.is_installed,
    readsAllMessages: row.reads_all_messages,
    changedAt: row.changed_at.getTime(),
  }))
}

/** How many messages came from people in a chat since `since`, at most `limit` of them counted. */
export const countHeard = async (
  tx: TenantTx,
  chatTelegramId: number,
  since: number,
  limit: number,
): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (
      select from message m
      where m.tenant_id = ${tx.tenantId} and m.chat_id = ${chatTelegramId} and m.at > ${toDate(since)}
        and m.direction = 'in' limit ${limit}
    ) heard`.execute(tx)
  return rows[0]?.count ?? 0
}

/** A chat to be asked about, and the account that asks. */
export interface StalePlace {
  readonly chatId: number
  readonly chatTelegramId: number
  readonly accountId: number
  readonly addedBy: number | null
}

/** Chats that an active bot is in and that were not asked about since `before`, the longest ago first. */
export const listStalePlaces = async (tx: TenantTx, before: number, limit: number): Promise<readonly StalePlace[]> => {
  const { rows } = await sql<{ id: number; telegram_id: number; account_id: number; added_by: number | null }>`
    select c.id, c.telegram_id, k.account_id, k.added_by from chat c cross join lateral (
      select k.account_id, k.added_by from chat_account k
      join account a on a.tenant_id = k.tenant_id and a.id = k.account_id and a.kind = 'bot' and a.state = 'active'
      where k.tenant_id = c.tenant_id and k.chat_id = c.id and k.status in ('administrator', 'member', 'restricted')
      order by k.status <> 'administrator', k.account_id limit 1
    ) k
    where c.tenant_id = ${tx.tenantId} and c.migrated_to_id is null
      and (c.profile_checked_at is null or c.profile_checked_at <= ${toDate(before)})
    order by c.profile_checked_at nulls first, c.id limit ${limit}`.execute(tx)
  return rows.map((row) => ({
    chatId: row.id,
    chatTelegramId: row.telegram_id,
    accountId: row.account_id,
    addedBy: row.added_by,
  }))
}

export interface ChatAnswer {
  /** Null where Telegram gave no answer. */
  readonly title: string | null
  readonly username: string | null
  readonly memberCount: number | null
  readonly administratorCount: number | null
  readonly fault: string | null
}

/** Keeps what Telegram said about a chat. */
export const saveChatAnswer = async (tx: TenantTx, chatId: number, answer: ChatAnswer, at: number): Promise<void> => {
  await tx
    .updateTable('chat')
    .set({
      ...(answer.title !== null && { title: answer.title, username: answer.username }),
      ...(answer.memberCount !== null && { member_count: answer.memberCount }),
      ...(answer.administratorCount !== null && { administrator_count: answer.administratorCount }),
      profile_checked_at: toDate(at),
      profile_fault: answer.fault,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', chatId)
    .execute()
}

/** What whoever added the account is in the chat is known; who it was is forgotten. */
export const saveInstallation = async (
  tx: TenantTx,
  {
    chatId,
    accountId,
    isInstalled,
  }: { readonly chatId: number; readonly accountId: number; readonly isInstalled: boolean },
): Promise<void> => {
  await tx
    .updateTable('chat_account')
    .set({ is_installed: isInstalled, added_by: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
    .where('account_id', '=', accountId)
    .execute()
}

/** Whether an account sees all messages of its groups, as Telegram says. */
export const saveReadsAll = async (tx: TenantTx, accountId: number, readsAll: boolean): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ reads_all_messages: readsAll })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .execute()
}

/** Active tenants that have chats. */
export const listTenantsWithChats = async (tx: OperatorTx): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select t.id from tenant t where t.state = 'active' and exists (select from chat c where c.tenant_id = t.id)`.execute(
    tx,
  )
  return rows.map((row) => row.id)
}

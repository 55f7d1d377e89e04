import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { GroupChat, OwnStatus } from './group.rules.ts'

/** Our row id of a chat; made or renamed as Telegram names it now. */
export const upsertChat = async (tx: TenantTx, chat: GroupChat, at: number): Promise<number> => {
  const row = await tx
    .insertInto('chat')
    .values({
      tenant_id: tx.tenantId,
      telegram_id: chat.telegramId,
      kind: chat.kind,
      title: chat.title,
      username: chat.username,
      added_at: toDate(at),
    })
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'telegram_id'])
        .doUpdateSet({ title: chat.title, username: chat.username, kind: chat.kind }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** Telegram's number for an administrator who writes and acts as the group itself. */
const ANONYMOUS_ADMINISTRATOR = 1_087_968_824

/**
 * What an account is in a chat, unless something newer is known; whether it was written. An administrator was made one
 * by an administrator; who added a mere member is kept until it is known what that person is there.
 */
export const saveOwnStatus = async (
  tx: TenantTx,
  chatId: number,
  accountId: number,
  own: OwnStatus & { readonly addedBy: number | null },
  at: number,
): Promise<boolean> => {
  const isOut = own.status === 'left' || own.status === 'kicked'
  const isInstalled = own.status === 'administrator' || own.addedBy === ANONYMOUS_ADMINISTRATOR ? true : null
  const addedBy = isOut || isInstalled ? null : own.addedBy
  const { rows } = await sql`
    insert into chat_account as c (tenant_id, chat_id, account_id, status, rights, changed_at, added_by, is_installed)
    values (${tx.tenantId}, ${chatId}, ${accountId}, ${own.status}, ${JSON.stringify(own.rights)}::jsonb, ${toDate(at)},
      ${addedBy}, ${isOut ? null : isInstalled})
    on conflict (tenant_id, chat_id, account_id) do update
      set status = excluded.status, rights = excluded.rights, changed_at = excluded.changed_at,
        is_installed = case when ${isOut} then null else coalesce(excluded.is_installed,
          case when c.status in ('left', 'kicked') then null else c.is_installed end) end,
        added_by = case when c.status in ('left', 'kicked') then excluded.added_by
          when ${isOut} or excluded.is_installed or c.is_installed then null else c.added_by end
      where c.changed_at <= excluded.changed_at
    returning chat_id`.execute(tx)
  return rows.length > 0
}

/** The account turned out to be in the chat no more; nothing is made for a chat that nobody told of. */
export const saveOwnLoss = async (tx: TenantTx, { accountId, chatTelegramId, status, at }: OwnLoss): Promise<void> => {
  await sql`
    update chat_account a set status = ${status}, rights = '{}', is_installed = null, added_by = null,
      changed_at = greatest(a.changed_at, ${toDate(at)})
    from chat c
    where a.tenant_id = ${tx.tenantId} and a.account_id = ${accountId} and a.status not in ('left', 'kicked')
      and c.tenant_id = a.tenant_id and c.id = a.chat_id and c.telegram_id = ${chatTelegramId}`.execute(tx)
}

export interface OwnLoss {
  readonly accountId: number
  readonly chatTelegramId: number
  readonly status: 'left' | 'kicked'
  /** Epoch ms. */
  readonly at: number
}

export const findOwnStatus = async (
  tx: TenantTx,
  accountId: number,
  chatTelegramId: number,
): Promise<string | null> => {
  const row = await tx
    .selectFrom('chat_account as a')
    .innerJoin('chat as c', (join) => join.onRef('c.tenant_id', '=', 'a.tenant_id').onRef('c.id', '=', 'a.chat_id'))
    .select('a.status')
    .where('a.tenant_id', '=', tx.tenantId)
    .where('a.account_id', '=', accountId)
    .where('c.telegram_id', '=', chatTelegramId)
    .executeTakeFirst()
  return row?.status ?? null
}

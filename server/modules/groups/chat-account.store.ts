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

/** What an account is in a chat, unless something newer is known; whether it was written. */
export const saveOwnStatus = async (
  tx: TenantTx,
  chatId: number,
  accountId: number,
  own: OwnStatus,
  at: number,
): Promise<boolean> => {
  const { rows } = await sql`
    insert into chat_account as c (tenant_id, chat_id, account_id, status, rights, changed_at)
    values (${tx.tenantId}, ${chatId}, ${accountId}, ${own.status}, ${JSON.stringify(own.rights)}::jsonb, ${toDate(at)})
    on conflict (tenant_id, chat_id, account_id) do update
      set status = excluded.status, rights = excluded.rights, changed_at = excluded.changed_at
      where c.changed_at <= excluded.changed_at
    returning chat_id`.execute(tx)
  return rows.length > 0
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

import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { GroupChat } from './group.rules.ts'

/** A chat an account may be asked to post into. */
export interface PostTarget {
  readonly chatId: number
  readonly telegramId: number
  readonly title: string
  readonly kind: GroupChat['kind']
  /** In the chat, and with the right to write there. */
  readonly mayPost: boolean
  readonly isOverPackage: boolean
  /** As Telegram said last, at least those known; 0 when nobody is. */
  readonly memberCount: number
}

/** Whether the account `m` may write into the chat `ch`. A right nobody told of is taken as given: Telegram decides. */
const mayPost = sql`coalesce(case
    when ch.kind = 'channel' then m.status = 'administrator' and m.rights ->> 'can_post_messages' is distinct from 'false'
    when m.status = 'restricted' then m.rights ->> 'can_send_messages' = 'true'
    else m.status in ('administrator', 'member') end, false)`

/**
 * The chats an account would post into: those named, where a group that became a supergroup stands for its successor, or
 * all it may post into. Each once, by id.
 */
export const listPostTargets = async (
  tx: TenantTx,
  accountId: number,
  chatIds: readonly number[],
): Promise<readonly PostTarget[]> => {
  const named = sql`select distinct coalesce(next.id, old.id) as id from chat old
    left join chat next on next.tenant_id = old.tenant_id and next.telegram_id = old.migrated_to_id
    where old.tenant_id = ${tx.tenantId} and old.id = any(${[...chatIds]}::bigint[])`
  const all = sql`select id from chat where tenant_id = ${tx.tenantId} and migrated_to_id is null`
  const { rows } = await sql<PostTarget>`
    select ch.id as "chatId", ch.telegram_id as "telegramId", ch.title, ch.kind, ${mayPost} as "mayPost",
      ch.over_package_since is not null as "isOverPackage",
      greatest(coalesce(ch.member_count, 0), (select count(*) from contact_chat cc
        where cc.tenant_id = ch.tenant_id and cc.chat_id = ch.id and cc.status = 'member'))::integer as "memberCount"
    from (${chatIds.length > 0 ? named : all}) wanted
    join chat ch on ch.tenant_id = ${tx.tenantId} and ch.id = wanted.id
    left join chat_account m on m.tenant_id = ch.tenant_id and m.chat_id = ch.id and m.account_id = ${accountId}
    where ${chatIds.length > 0 ? sql`true` : mayPost}
    order by ch.id`.execute(tx)
  return rows
}

/** Which of these chats, by Telegram id, the account is known not to be allowed to write into. */
export const listUnpostable = async (
  tx: TenantTx,
  accountId: number,
  telegramIds: readonly number[],
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ telegram_id: number }>`
    select ch.telegram_id from chat ch
    join chat_account m on m.tenant_id = ch.tenant_id and m.chat_id = ch.id and m.account_id = ${accountId}
    where ch.tenant_id = ${tx.tenantId} and ch.telegram_id = any(${[...telegramIds]}::bigint[]) and not ${mayPost}`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.telegram_id))
}

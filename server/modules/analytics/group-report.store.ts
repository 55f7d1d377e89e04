import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ChatActivity, ChatDay, ChatMember, ChatSlot } from './group-report.rules.ts'

interface Period {
  readonly since: number
  readonly until: number
}

/** Telegram ids of a chat: its own, and those it had before it became a supergroup. */
const idsOf = (tx: TenantTx, chatTelegramId: number) => sql`
  array(select c.telegram_id from chat c
    where c.tenant_id = ${tx.tenantId} and (c.telegram_id = ${chatTelegramId} or c.migrated_to_id = ${chatTelegramId}))`

const heard = (tx: TenantTx, { since, until }: Period) => sql`
  m.tenant_id = ${tx.tenantId} and m.direction = 'in' and m.at >= ${toDate(since)} and m.at < ${toDate(until)}`

const moved = (tx: TenantTx, { since, until }: Period) => sql`
  e.tenant_id = ${tx.tenantId} and e.kind in ('joined_chat', 'left_chat', 'removed_from_chat')
    and e.at >= ${toDate(since)} and e.at < ${toDate(until)}`

/** What was seen in each of these chats; of one in which nothing was all is 0. */
export const countChats = async (
  tx: TenantTx,
  chatIds: readonly number[],
  period: Period,
): Promise<readonly ChatActivity[]> => {
  const { rows } = await sql<Omit<ChatActivity, 'lastMessageAt'> & { readonly last_at: Date | null }>`
    with asked as (
      select now.id, c.telegram_id from chat now
      join chat c on c.tenant_id = now.tenant_id and (c.id = now.id or c.migrated_to_id = now.telegram_id)
      where now.tenant_id = ${tx.tenantId} and now.id = any(${[...chatIds]}::bigint[])
    ), moves as (
      select a.id, (count(*) filter (where e.kind = 'joined_chat'))::integer as joined,
        (count(*) filter (where e.kind <> 'joined_chat'))::integer as gone
      from contact_event e join asked a on a.telegram_id = (e.detail ->> 'chatId')::bigint
      where ${moved(tx, period)} group by 1
    ), talk as (
      select a.id, count(*)::integer as messages, count(distinct m.contact_id)::integer as active, max(m.at) as last_at
      from asked a join message m on m.chat_id = a.telegram_id where ${heard(tx, period)} group by 1
    )
    select c.id as "chatId", coalesce(talk.messages, 0) as messages, coalesce(talk.active, 0) as active,
      coalesce(moves.joined, 0) as joined, coalesce(moves.gone, 0) as left, talk.last_at
    from (select distinct id from asked) c left join talk on talk.id = c.id left join moves on moves.id = c.id`.execute(
    tx,
  )
  return rows.map(({ last_at: lastAt, ...row }) => ({ ...row, lastMessageAt: lastAt?.getTime() ?? null }))
}

/** What was seen in one chat, by day of the time zone; days on which nothing was are left out. */
export const countChatDays = async (
  tx: TenantTx,
  chatTelegramId: number,
  { timeZone, ...period }: Period & { readonly timeZone: string },
): Promise<readonly ChatDay[]> => {
  const { rows } = await sql<ChatDay>`
    with talk as (
      select to_char(m.at at time zone ${timeZone}, 'YYYY-MM-DD') as "on", count(*)::integer as messages,
        count(distinct m.contact_id)::integer as active
      from message m where ${heard(tx, period)} and m.chat_id = any(${idsOf(tx, chatTelegramId)}) group by 1
    ), moves as (
      select to_char(e.at at time zone ${timeZone}, 'YYYY-MM-DD') as "on",
        (count(*) filter (where e.kind = 'joined_chat'))::integer as joined,
        (count(*) filter (where e.kind <> 'joined_chat'))::integer as gone
      from contact_event e
      where ${moved(tx, period)} and (e.detail ->> 'chatId')::bigint = any(${idsOf(tx, chatTelegramId)}) group by 1
    )
    select "on", coalesce(messages, 0) as messages, coalesce(active, 0) as active, coalesce(joined, 0) as joined,
      coalesce(gone, 0) as left
    from talk full join moves using ("on") order by 1`.execute(tx)
  return rows
}

/** Messages in one chat by hour of the week, and by what they were made of. */
export const countChatTalk = async (
  tx: TenantTx,
  chatTelegramId: number,
  { timeZone, ...period }: Period & { readonly timeZone: string },
): Promise<{
  readonly slots: readonly ChatSlot[]
  readonly kinds: readonly { readonly kind: string; readonly messages: number }[]
}> => {
  const { rows } = await sql<ChatSlot & { readonly kind: string | null }>`
    select kind, weekday, hour, count(*)::integer as messages
    from (
      select m.kind, extract(isodow from m.at at time zone ${timeZone})::integer as weekday,
        extract(hour from m.at at time zone ${timeZone})::integer as hour
      from message m where ${heard(tx, period)} and m.chat_id = any(${idsOf(tx, chatTelegramId)})
    ) m
    group by grouping sets ((weekday, hour), (kind)) order by 4 desc`.execute(tx)
  return {
    slots: rows.flatMap(({ kind, ...slot }) => (kind === null ? [slot] : [])),
    kinds: rows.flatMap(({ kind, messages }) => (kind === null ? [] : [{ kind, messages }])),
  }
}

/** Who wrote most in one chat; bots are left out. */
export const selectTopMembers = async (
  tx: TenantTx,
  chatTelegramId: number,
  period: Period,
  limit: number,
): Promise<readonly ChatMember[]> => {
  const { rows } = await sql<Omit<ChatMember, 'lastMessageAt'> & { readonly last_at: Date }>`
    select t.contact_id as "contactId", c.username, c.first_name as "firstName", c.last_name as "lastName", t.messages, t.last_at
    from (
      select m.contact_id, count(*)::integer as messages, max(m.at) as last_at from message m
      where ${heard(tx, period)} and m.chat_id = any(${idsOf(tx, chatTelegramId)}) and m.contact_id is not null
      group by 1
    ) t join contact c on c.tenant_id = ${tx.tenantId} and c.id = t.contact_id
    where not c.is_bot order by t.messages desc, t.contact_id limit ${limit}`.execute(tx)
  return rows.map(({ last_at: lastAt, ...row }) => ({ ...row, lastMessageAt: lastAt.getTime() }))
}

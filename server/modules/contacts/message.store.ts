import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ContactEventRow, MessageRow } from './message.rules.ts'

/**
 * Keeps messages and returns the indexes of those that are new. The same message seen twice (by two accounts in one
 * group, by an import after the live feed) is kept once: it is recognised by chat, message id and the second it was sent
 * in (all that Telegram tells), in a private chat also by account, since each account counts its own messages there.
 * Callers hold the contact's row, so two transactions cannot both find it missing.
 */
export const insertMessages = async (tx: TenantTx, messages: readonly MessageRow[]): Promise<Set<number>> => {
  if (messages.length === 0) return new Set()
  const column = <T>(pick: (row: MessageRow) => T): T[] => messages.map(pick)
  const { rows } = await sql<{ n: number }>`
    with given as (
      select * from unnest(${column((m) => toDate(m.at).toISOString())}::timestamptz[],
        ${column((m) => m.contactId)}::bigint[], ${column((m) => m.accountId)}::bigint[],
        ${column((m) => m.chatId)}::bigint[], ${column((m) => m.direction)}::text[], ${column((m) => m.kind)}::text[],
        ${column((m) => m.messageId)}::bigint[], ${column((m) => m.text)}::text[])
        with ordinality as g(at, contact_id, account_id, chat_id, direction, kind, message_id, text, n)
    ), fresh as (
      select distinct on (coalesce(message_id, -n), chat_id, date_trunc('second', at), case when chat_id > 0 then account_id end) *
      from given
      where message_id is null or (
        select true from message m
        where m.tenant_id = ${tx.tenantId} and m.chat_id = given.chat_id
          and m.at >= date_trunc('second', given.at) and m.at < date_trunc('second', given.at) + interval '1 second'
          and m.telegram_message_id = given.message_id
          and (m.chat_id < 0 or m.account_id is not distinct from given.account_id) limit 1) is null
      order by coalesce(message_id, -n), chat_id, date_trunc('second', at), case when chat_id > 0 then account_id end, n
    ), kept as (
      insert into message (tenant_id, at, contact_id, account_id, chat_id, direction, kind, telegram_message_id, text)
      select ${tx.tenantId}, at, contact_id, account_id, chat_id, direction, kind, message_id, text from fresh order by n
    )
    select (n - 1)::int as n from fresh`.execute(tx)
  return new Set(rows.map((row) => row.n))
}

/** Adds entries to contacts' timelines. */
export const insertContactEvents = async (tx: TenantTx, events: readonly ContactEventRow[]): Promise<void> => {
  if (events.length === 0) return
  await sql`${ahead}
    insert into contact_event (tenant_id, at, contact_id, kind, detail)
    select ${tx.tenantId}, * from unnest(${events.map((e) => toDate(e.at).toISOString())}::timestamptz[],
      ${events.map((e) => e.contactId)}::bigint[], ${events.map((e) => e.kind)}::text[],
      ${events.map((e) => JSON.stringify(e.detail))}::jsonb[])`.execute(tx)
}

/** Indexes of `events` that no timeline has yet: none of the contact, kind and second that says the same or more. */
export const findNewEvents = async (tx: TenantTx, events: readonly ContactEventRow[]): Promise<Set<number>> => {
  if (events.length === 0) return new Set()
  const { rows } = await sql<{ n: number }>`
    select (n - 1)::int as n
    from unnest(${events.map((e) => toDate(e.at).toISOString())}::timestamptz[],
      ${events.map((e) => e.contactId)}::bigint[], ${events.map((e) => e.kind)}::text[],
      ${events.map((e) => JSON.stringify(e.detail))}::jsonb[]) with ordinality as g(at, contact_id, kind, detail, n)
    where (
      select true from contact_event e where e.tenant_id = ${tx.tenantId} and e.contact_id = g.contact_id and e.kind = g.kind
        and e.at >= date_trunc('second', g.at) and e.at < date_trunc('second', g.at) + interval '1 second'
        and e.detail @> g.detail limit 1) is null`.execute(tx)
  return new Set(rows.map((row) => row.n))
}

import { sql } from 'kysely'

import type { Db } from '#server/db/pool.ts'

import { type Group, isSpam, personOf } from './traffic.ts'

/** How far what is stored is from what was sent; 0 is right. */
export interface Wrong {
  /** Messages of each person in each group: as the membership counts them, and as they are stored. */
  readonly memberships: number
  /** Messages of each person: their own counter, and those of the hours and weekdays they were written in. */
  readonly people: number
  /** Stored updates that are not done, missing or too many. */
  readonly inbox: number
  /** What was found to be spam, beside what was. */
  readonly findings: number
}

const keyOf = (chatId: number, person: number): string => `${chatId}:${person}`

const countSent = (groups: readonly Group[], each: number) => {
  const sent = new Map<string, number>()
  let spam = 0
  for (const group of groups)
    for (let n = 1; n <= each; n++) {
      const key = keyOf(group.telegramId, personOf(group, n))
      sent.set(key, (sent.get(key) ?? 0) + 1)
      if (isSpam(n)) spam += 1
    }
  return { sent, spam }
}

/** Compares everything that counts group messages with the messages that were sent, `each` in every group. */
export const countWrong = async (db: Db, tenantId: number, groups: readonly Group[], each: number): Promise<Wrong> => {
  const { sent, spam } = countSent(groups, each)
  const { rows } = await sql<{
    chat_id: number
    person: number
    counted: number
    stored: number
    inbound: number
    hours: number
    weekdays: number
  }>`
    with stored as (
      select chat_id, contact_id, count(*)::integer as count from message
      where tenant_id = ${tenantId} and direction = 'in' group by chat_id, contact_id
    )
    select c.telegram_id as chat_id, p.telegram_id as person, m.message_count as counted,
      coalesce(s.count, 0) as stored, f.inbound_count as inbound,
      (select sum(n)::integer from unnest(f.hour_counts) as n) as hours,
      (select sum(n)::integer from unnest(f.weekday_counts) as n) as weekdays
    from contact_chat m
    join chat c on c.tenant_id = m.tenant_id and c.id = m.chat_id
    join contact p on p.tenant_id = m.tenant_id and p.id = m.contact_id
    join contact_feature f on f.tenant_id = m.tenant_id and f.contact_id = m.contact_id
    left join stored s on s.chat_id = c.telegram_id and s.contact_id = p.id
    where m.tenant_id = ${tenantId}`.execute(db)
  const [wrong, missing] = [{ memberships: 0, people: 0 }, new Map(sent)]
  for (const row of rows) {
    const key = keyOf(row.chat_id, row.person)
    const count = sent.get(key) ?? 0
    wrong.memberships += Math.abs(row.counted - count) + Math.abs(row.stored - count)
    for (const counted of [row.inbound, row.hours, row.weekdays]) wrong.people += Math.abs(counted - count)
    missing.delete(key)
  }
  for (const count of missing.values()) wrong.memberships += count
  const { rows: ends } = await sql<{ done: number; other: number; findings: number }>`
    select count(*) filter (where state = 'done')::integer as done,
      count(*) filter (where state <> 'done')::integer as other,
      (select count(*)::integer from spam_finding where tenant_id = ${tenantId}) as findings
    from update_inbox where tenant_id = ${tenantId}`.execute(db)
  const { done = 0, other = 0, findings = 0 } = ends[0] ?? {}
  return {
    ...wrong,
    inbox: Math.abs(done - each * groups.length) + other,
    findings: Math.abs(findings - spam),
  }
}

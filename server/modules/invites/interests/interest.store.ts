import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import {
  EVIDENCE_DAYS,
  type InterestCount,
  type InterestGroup,
  type InterestSet,
  READING_WINDOW_MS,
} from './interest.rules.ts'

/** The tenant's own words; null while it has none. */
export const findInterestSet = async (tx: TenantTx): Promise<InterestSet | null> => {
  const row = await tx
    .selectFrom('interest_set')
    .select(['version', 'groups'])
    .where('tenant_id', '=', tx.tenantId)
    .where('is_current', '=', true)
    .executeTakeFirst()
  return row ? { version: row.version, groups: row.groups as readonly InterestGroup[] } : null
}

/** Makes the next version the current one; one tenant's changes wait for each other. Returns its number. */
export const insertInterestSet = async (
  tx: TenantTx,
  groups: readonly InterestGroup[],
  by: string,
  at: number,
): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('interests', ${tx.tenantId}))`.execute(tx)
  await tx.updateTable('interest_set').set({ is_current: false }).where('tenant_id', '=', tx.tenantId).execute()
  const { rows } = await sql<{ version: number }>`
    insert into interest_set (tenant_id, version, is_current, groups, updated_by, updated_at)
    select ${tx.tenantId}, coalesce(max(version), 0) + 1, true, ${JSON.stringify(groups)}::jsonb, ${by}, ${toDate(at)}
    from interest_set where tenant_id = ${tx.tenantId}
    returning version`.execute(tx)
  return rows[0]?.version ?? 0
}

export interface UnreadPerson {
  readonly contactId: number
  /** Of their messages, as it stands now. */
  readonly inboundCount: number
}

/**
 * Who may be read now: people who allowed marketing and wrote since they were read last, or were read by other words, or
 * a week ago. At most `limit`, those read longest ago first; whoever was read at `at` already is done.
 */
export const listUnread = async (
  tx: TenantTx,
  { version, at, limit }: { readonly version: number; readonly at: number; readonly limit: number },
): Promise<readonly UnreadPerson[]> => {
  const { rows } = await sql<UnreadPerson>`
    select p.id as "contactId", f.inbound_count as "inboundCount"
    from contact_consent k
    join contact p on p.tenant_id = k.tenant_id and p.id = k.contact_id
    join contact_feature f on f.tenant_id = p.tenant_id and f.contact_id = p.id
    left join contact_interest_reading r on r.tenant_id = p.tenant_id and r.contact_id = p.id
    where k.tenant_id = ${tx.tenantId} and k.purpose = 'marketing' and k.granted
      and p.suppressed_at is null and p.merged_into_id is null and p.erased_at is null and not p.is_bot
      and (r.read_at is null or r.version <> ${version} or r.inbound_count <> f.inbound_count
        or r.read_at < ${toDate(at - 7 * DAY_MS)})
      and (r.read_at is null or r.read_at < ${toDate(at)} or r.version <> ${version})
    order by r.read_at nulls first, p.id limit ${limit}`.execute(tx)
  return rows
}

export interface ReadableMessage {
  readonly contactId: number
  readonly text: string
  /** `2026-06-01`, in UTC. */
  readonly day: string
}

/** What these people wrote themselves, to the tenant's accounts and in its groups: the newest `each` kept texts of each. */
export const listOwnTexts = async (
  tx: TenantTx,
  contactIds: readonly number[],
  { at, each }: { readonly at: number; readonly each: number },
): Promise<readonly ReadableMessage[]> => {
  const { rows } = await sql<ReadableMessage>`
    select c.id as "contactId", m.text, to_char(m.at at time zone 'utc', 'YYYY-MM-DD') as day
    from unnest(${[...contactIds]}::bigint[]) as c(id)
    cross join lateral (
      select text, at from message
      where tenant_id = ${tx.tenantId} and contact_id = c.id and direction = 'in' and text is not null
        and at > ${toDate(at - READING_WINDOW_MS)} and at <= ${toDate(at + DAY_MS)}
      order by at desc limit ${each}) m`.execute(tx)
  return rows
}

export interface InterestReading {
  readonly contactId: number
  readonly inboundCount: number
  readonly counts: readonly InterestCount[]
}

/** Replaces what was known of these people's interests. */
export const saveReadings = async (
  tx: TenantTx,
  readings: readonly InterestReading[],
  { version, at }: { readonly version: number; readonly at: number },
): Promise<void> => {
  const ids = readings.map((reading) => reading.contactId)
  await tx.deleteFrom('contact_interest').where('tenant_id', '=', tx.tenantId).where('contact_id', 'in', ids).execute()
  const rows = readings.flatMap(({ contactId, counts }) =>
    counts.map(({ interest, day, count }) => ({ contact_id: contactId, interest, day, count })),
  )
  await sql`
    insert into contact_interest (tenant_id, contact_id, interest, day, count)
    select ${tx.tenantId}, contact_id, interest, day, count
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(contact_id bigint, interest text, day date, count int)`.execute(
    tx,
  )
  await sql`
    insert into contact_interest_reading (tenant_id, contact_id, version, inbound_count, read_at)
    select ${tx.tenantId}, id, ${version}, n, ${toDate(at)}
    from unnest(${ids}::bigint[], ${readings.map((reading) => reading.inboundCount)}::int[]) as r(id, n)
    on conflict (tenant_id, contact_id) do update
      set version = excluded.version, inbound_count = excluded.inbound_count, read_at = excluded.read_at`.execute(tx)
}

/** Forgets what was known of people who allow it no longer, and what is older than their texts. Returns how many rows. */
export const forgetInterests = async (tx: TenantTx, at: number): Promise<number> => {
  const result = await sql`
    delete from contact_interest i
    where i.tenant_id = ${tx.tenantId} and (i.day < ${toDate(at - READING_WINDOW_MS)}::timestamptz::date
      or not exists (select from contact_consent k where k.tenant_id = i.tenant_id and k.contact_id = i.contact_id
        and k.purpose = 'marketing' and k.granted)
      or exists (select from contact p where p.tenant_id = i.tenant_id and p.id = i.contact_id
        and p.suppressed_at is not null))`.execute(tx)
  await sql`
    delete from contact_interest_reading r
    where r.tenant_id = ${tx.tenantId} and (
      not exists (select from contact_consent k where k.tenant_id = r.tenant_id and k.contact_id = r.contact_id
        and k.purpose = 'marketing' and k.granted)
      or exists (select from contact p where p.tenant_id = r.tenant_id and p.id = r.contact_id
        and p.suppressed_at is not null))`.execute(tx)
  return Number(result.numAffectedRows ?? 0n)
}

export interface InterestEvidence {
  readonly interest: string
  /** Messages within the last {@link EVIDENCE_DAYS} days, and the people who wrote them. */
  readonly messages: number
  readonly people: number
}

/** What the tenant's people speak of now. */
export const sumInterests = async (tx: TenantTx, at: number): Promise<readonly InterestEvidence[]> => {
  const { rows } = await sql<InterestEvidence>`
    select interest, sum(count)::int as messages, count(distinct contact_id)::int as people from contact_interest
    where tenant_id = ${tx.tenantId} and day > ${toDate(at - EVIDENCE_DAYS * DAY_MS)}::timestamptz::date
    group by interest order by people desc, messages desc, interest`.execute(tx)
  return rows
}

/** One person's messages by interest, within the last {@link EVIDENCE_DAYS} days. */
export const sumContactInterests = async (
  tx: TenantTx,
  contactId: number,
  at: number,
): Promise<readonly { readonly interest: string; readonly count: number }[]> => {
  const { rows } = await sql<{ interest: string; count: number }>`
    select interest, sum(count)::int as count from contact_interest
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId}
      and day > ${toDate(at - EVIDENCE_DAYS * DAY_MS)}::timestamptz::date
    group by interest order by 2 desc, 1`.execute(tx)
  return rows
}

export interface ChatInterests {
  readonly chatId: number
  readonly title: string
  readonly interests: readonly string[]
}

/** What the tenant's chats are for, by title. */
export const listChatInterests = async (tx: TenantTx): Promise<readonly ChatInterests[]> => {
  const { rows } = await sql<ChatInterests>`
    select c.id as "chatId", c.title, i.interests from chat_interest i
    join chat c on c.tenant_id = i.tenant_id and c.id = i.chat_id
    where i.tenant_id = ${tx.tenantId} and c.migrated_to_id is null order by c.title, c.id`.execute(tx)
  return rows
}

/** Says what a chat is for; nothing takes it out of proposals. */
export const saveChatInterests = async (
  tx: TenantTx,
  chatId: number,
  interests: readonly string[],
  by: string,
  at: number,
): Promise<void> => {
  if (interests.length === 0) {
    await tx.deleteFrom('chat_interest').where('tenant_id', '=', tx.tenantId).where('chat_id', '=', chatId).execute()
    return
  }
  await tx
    .insertInto('chat_interest')
    .values({
      tenant_id: tx.tenantId,
      chat_id: chatId,
      interests: [...interests],
      updated_by: by,
      updated_at: toDate(at),
    })
    .onConflict((c) =>
      c
        .columns(['tenant_id', 'chat_id'])
        .doUpdateSet({ interests: [...interests], updated_by: by, updated_at: toDate(at) }),
    )
    .execute()
}

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type ContactFeatures, emptyFeatures } from './feature.rules.ts'
import type { LockedContact } from './profile.rules.ts'

const msOrNull = (date: Date | null): number | null => date?.getTime() ?? null
const msList = (dates: readonly Date[] | null): number[] => (dates ?? []).map((date) => date.getTime())

const readFeatures = async (tx: TenantTx, ids: readonly number[]): Promise<LockedContact[]> => {
  const rows = await tx
    .selectFrom('contact as c')
    .innerJoin('tenant as t', 't.id', 'c.tenant_id')
    .leftJoin('contact_feature as f', (join) =>
      join.onRef('f.tenant_id', '=', 'c.tenant_id').onRef('f.contact_id', '=', 'c.id'),
    )
    .select(['f.contact_id', 'f.first_seen_at', 'f.last_seen_at', 'f.is_premium', 'f.inbound_count', 'f.click_count'])
    .select(['f.reaction_count', 'f.engagement_mass', 'f.engagement_at', 'f.last_click_at', 'f.price_intent_at'])
    .select(['f.group_message_at', 'f.hour_counts', 'f.weekday_counts'])
    .select(['c.id', 'c.telegram_id', 'c.username', 'c.first_name', 'c.last_name', 'c.language_code', 'c.source'])
    .select(['c.is_premium as contact_premium', 'c.first_seen_at as contact_first_seen', 'c.suppressed_at'])
    .select(['c.last_seen_at as contact_last_seen', 'c.time_zone', 't.time_zone as tenant_zone'])
    .where('c.tenant_id', '=', tx.tenantId)
    .where('c.id', '=', sql<number>`any(${[...ids]}::bigint[])`)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    telegramId: row.telegram_id ?? 0,
    username: row.username,
    firstName: row.first_name,
    lastName: row.last_name,
    languageCode: row.language_code,
    isPremium: row.contact_premium,
    source: row.source,
    suppressed: row.suppressed_at !== null,
    timeZone: row.time_zone ?? row.tenant_zone,
    firstSeenAt: row.contact_first_seen.getTime(),
    lastSeenAt: msOrNull(row.contact_last_seen),
    features:
      row.contact_id === null
        ? emptyFeatures(row.contact_first_seen.getTime())
        : {
            firstSeenAt: (row.first_seen_at ?? row.contact_first_seen).getTime(),
            lastSeenAt: msOrNull(row.last_seen_at),
            isPremium: row.is_premium ?? false,
            inboundCount: row.inbound_count ?? 0,
            clickCount: row.click_count ?? 0,
            reactionCount: row.reaction_count ?? 0,
            mass: row.engagement_mass ?? 0,
            massAt: msOrNull(row.engagement_at),
            lastClickAt: msOrNull(row.last_click_at),
            priceIntentAt: msList(row.price_intent_at),
            groupMessageAt: msList(row.group_message_at),
            hourCounts: row.hour_counts ?? [],
            weekdayCounts: row.weekday_counts ?? [],
          },
  }))
}

/**
 * Locks contacts, lowest id first, and reads what activities change. Two statements: a lock that had to wait returns
 * the row as it is now, but would join it with features as they were before.
 */
export const lockContactsWithFeatures = async (tx: TenantTx, ids: readonly number[]): Promise<LockedContact[]> => {
  await sql`${ahead}
    select from contact where tenant_id = ${tx.tenantId} and id = any(${[...ids]}::bigint[])
    order by id for no key update`.execute(tx)
  return readFeatures(tx, ids)
}

/** Features of one contact, which the caller has locked if it means to write them; null if there is no contact. */
export const findFeatures = async (tx: TenantTx, contactId: number): Promise<LockedContact | null> =>
  (await readFeatures(tx, [contactId]))[0] ?? null

const isoOrNull = (at: number | null): string | null => (at === null ? null : toDate(at).toISOString())

/** One array among many as PostgreSQL writes it: arrays of equal length alone could go into one of two dimensions. */
const literal = (values: readonly (number | string)[]): string => `{${values.join(',')}}`

/**
 * Writes features of locked contacts, and refreshes what follows from other rows: the number of accounts the contact
 * talks to, its newest chats, and since when it is a member of any.
 */
export const saveFeatures = async (tx: TenantTx, saved: ReadonlyMap<number, ContactFeatures>): Promise<void> => {
  const rows = [...saved].map(([id, f]) => ({ id, ...f }))
  const column = <T>(pick: (row: (typeof rows)[number]) => T): T[] => rows.map(pick)
  const instants = (pick: (row: (typeof rows)[number]) => readonly number[]) =>
    column((f) => literal(pick(f).map((at) => toDate(at).toISOString())))
  // Columns as arrays: one document of all rows takes the database ten times as long to read.
  await sql`${ahead}
    insert into contact_feature as f (tenant_id, contact_id, first_seen_at, last_seen_at, is_premium, inbound_count,
      click_count, reaction_count, engagement_mass, engagement_at, last_click_at, price_intent_at, group_message_at,
      hour_counts, weekday_counts, account_count, chat_active_at, member_since)
    select ${tx.tenantId}, v.id, v.first_seen, v.last_seen, v.premium, v.inbound, v.clicks, v.reactions, v.mass,
      v.mass_at, v.last_click, v.price::timestamptz[], v.grouped::timestamptz[], v.hours::integer[],
      v.weekdays::integer[],
      (select count(*) from contact_account a
        where a.tenant_id = ${tx.tenantId} and a.contact_id = v.id and a.last_inbound_at is not null),
      c.active_at, c.member_since
    from unnest(${column((f) => f.id)}::bigint[], ${column((f) => isoOrNull(f.firstSeenAt))}::timestamptz[],
      ${column((f) => isoOrNull(f.lastSeenAt))}::timestamptz[], ${column((f) => f.isPremium)}::boolean[],
      ${column((f) => f.inboundCount)}::integer[], ${column((f) => f.clickCount)}::integer[],
      ${column((f) => f.reactionCount)}::integer[], ${column((f) => f.mass)}::double precision[],
      ${column((f) => isoOrNull(f.massAt))}::timestamptz[], ${column((f) => isoOrNull(f.lastClickAt))}::timestamptz[],
      ${instants((f) => f.priceIntentAt)}::text[], ${instants((f) => f.groupMessageAt)}::text[],
      ${column((f) => literal(f.hourCounts))}::text[], ${column((f) => literal(f.weekdayCounts))}::text[])
      as v(id, first_seen, last_seen, premium, inbound, clicks, reactions, mass, mass_at, last_click, price, grouped,
        hours, weekdays)
    cross join lateral (
      select coalesce((array_agg(cc.last_active_at order by cc.last_active_at desc)
          filter (where cc.last_active_at is not null))[1:8], '{}') as active_at,
        min(cc.joined_at) filter (where cc.status = 'member') as member_since
      from contact_chat cc where cc.tenant_id = ${tx.tenantId} and cc.contact_id = v.id
    ) c
    on conflict (tenant_id, contact_id) do update set first_seen_at = excluded.first_seen_at,
      last_seen_at = excluded.last_seen_at, is_premium = excluded.is_premium, inbound_count = excluded.inbound_count,
      click_count = excluded.click_count, reaction_count = excluded.reaction_count,
      engagement_mass = excluded.engagement_mass, engagement_at = excluded.engagement_at,
      last_click_at = excluded.last_click_at, price_intent_at = excluded.price_intent_at,
      group_message_at = excluded.group_message_at, hour_counts = excluded.hour_counts,
      weekday_counts = excluded.weekday_counts, account_count = excluded.account_count,
      chat_active_at = excluded.chat_active_at, member_since = excluded.member_since`.execute(tx)
}

/** Since when the contact is a member of any chat, after its memberships changed. The caller holds its lock. */
export const refreshMemberSince = async (tx: TenantTx, contactId: number): Promise<void> => {
  await sql`
    update contact_feature f set member_since = (
      select min(cc.joined_at) from contact_chat cc
      where cc.tenant_id = f.tenant_id and cc.contact_id = f.contact_id and cc.status = 'member')
    where f.tenant_id = ${tx.tenantId} and f.contact_id = ${contactId}`.execute(tx)
}

/** Adds one paid order to a contact's counters; the mass is the one after the order. The caller holds the contact's lock. */
export const addOrder = async (
  tx: TenantTx,
  contactId: number,
  order: { readonly amountMinor: number; readonly at: number; readonly mass: number; readonly massAt: number | null },
): Promise<void> => {
  await sql`
    update contact_feature set order_count = order_count + 1, revenue_minor = revenue_minor + ${order.amountMinor},
      last_paid_at = greatest(last_paid_at, ${toDate(order.at)}), engagement_mass = ${order.mass},
      engagement_at = ${isoOrNull(order.massAt)}::timestamptz
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId}`.execute(tx)
}

/**
 * Takes an order that was counted off a contact's counters; the last payment is that of the orders that are left. The
 * caller holds the contact's lock. False for an order that is not on the timeline, or was taken off before.
 */
export const subtractOrder = async (tx: TenantTx, contactId: number, reference: string): Promise<boolean> => {
  const mine = sql`e.tenant_id = ${tx.tenantId} and e.contact_id = ${contactId}`
  const { numAffectedRows } = await sql`
    with ordered as (
      select (e.detail->>'amountMinor')::bigint as amount from contact_event e
      where ${mine} and e.kind = 'ordered' and e.detail->>'reference' = ${reference}
        and not exists (select from contact_event e where ${mine} and e.kind = 'refunded' and e.detail->>'reference' = ${reference})
      limit 1
    )
    update contact_feature f set order_count = greatest(f.order_count - 1, 0),
      revenue_minor = greatest(f.revenue_minor - o.amount, 0),
      last_paid_at = (
        select max(e.at) from contact_event e
        where ${mine} and e.kind = 'ordered' and e.detail->>'reference' <> ${reference}
          and not exists (select from contact_event r where r.tenant_id = e.tenant_id and r.contact_id = e.contact_id
            and r.kind = 'refunded' and r.detail->>'reference' = e.detail->>'reference'))
    from ordered o where f.tenant_id = ${tx.tenantId} and f.contact_id = ${contactId}`.execute(tx)
  return (numAffectedRows ?? 0n) > 0n
}

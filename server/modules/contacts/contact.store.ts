import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ProfileChange } from './profile.rules.ts'
import { type PersonKeys, personHashes } from './suppression.rules.ts'

/** A person as it is written to the contact table. */
export interface PersonRow {
  readonly telegramId: number
  readonly username: string | null
  readonly firstName: string
  readonly lastName: string
  readonly languageCode: string | null
  readonly isPremium: boolean
  readonly source: string | null
  readonly seenAt: number
}

const iso = (at: number): string => toDate(at).toISOString()

const recordset = (rows: readonly object[]) => JSON.stringify(rows)

/** A contact found or made. */
export interface FoundContact {
  readonly id: number
  readonly telegramId: number
  readonly created: boolean
}

/**
 * The contacts of `people` (unique by id). Who is none yet becomes one, with an empty feature row; a contact known by
 * user name alone (from an import) gets the id instead of a twin. Two transactions that meet the same new person wait
 * for each other; rows go in by id, so they never deadlock.
 */
export const findOrInsertContacts = async (tx: TenantTx, people: readonly PersonRow[]): Promise<FoundContact[]> => {
  const known = await findByTelegramIds(
    tx,
    people.map((p) => p.telegramId),
  )
  // Most who write were heard of before.
  if (known.length === people.length) return known
  const knownIds = new Set(known.map((c) => c.telegramId))
  const strangers = people.filter((p) => !knownIds.has(p.telegramId))
  return [...known, ...(await insertContacts(tx, strangers))]
}

/** Those whom nobody had heard of, a moment ago. */
const insertContacts = async (tx: TenantTx, people: readonly PersonRow[]): Promise<FoundContact[]> => {
  const rows = recordset(people.map((p) => ({ ...p, seenAt: iso(p.seenAt) })))
  // Names are looked up by scalar subqueries, which stay single index probes however little the planner knows of fresh
  // tables; and the first of several is taken from an array, for a limit would tempt it to walk another index in order.
  const { rows: found } = await sql<{ id: number; telegram_id: number; created: boolean }>`
    with given as materialized (
      select * from jsonb_to_recordset(${rows}::jsonb) as p("telegramId" bigint, username text, "firstName" text,
        "lastName" text, "languageCode" text, "isPremium" boolean, source text, "seenAt" timestamptz)
    ), missing as materialized (
      select g.*, case when g.username is not null then (select (array_agg(c.id order by c.id))[1] from contact c
        where c.tenant_id = ${tx.tenantId} and c.username_key = lower(g.username)
          and c.telegram_id is null and c.merged_into_id is null and c.erased_at is null) end as named_id
      from given g
    ), named as (
      select distinct on (named_id) * from missing where named_id is not null order by named_id, "telegramId"
    ), adopted as (
      update contact c set telegram_id = n."telegramId", username = n.username,
        first_name = case when n."firstName" = '' then c.first_name else n."firstName" end,
        last_name = case when n."firstName" = '' then c.last_name else n."lastName" end
      from named n where c.tenant_id = ${tx.tenantId} and c.id = n.named_id
      returning c.id, c.telegram_id
    ), inserted as (
      insert into contact (tenant_id, telegram_id, username, first_name, last_name, language_code, is_premium, source,
        first_seen_at, last_seen_at, created_at)
      select ${tx.tenantId}, m."telegramId", m.username, m."firstName", m."lastName", m."languageCode", m."isPremium",
        m.source, m."seenAt", m."seenAt", m."seenAt"
      from missing m where m."telegramId" not in (select "telegramId" from named)
      order by m."telegramId"
      on conflict (tenant_id, telegram_id) where merged_into_id is null do nothing
      returning id, telegram_id, first_seen_at
    ), featured as (
      insert into contact_feature (tenant_id, contact_id, first_seen_at)
      select ${tx.tenantId}, id, first_seen_at from inserted
    )
    select id, telegram_id, true as created from inserted
    union all select id, telegram_id, true from adopted`.execute(tx)
  const contacts = found.map((row) => ({ id: row.id, telegramId: row.telegram_id, created: row.created }))
  if (contacts.length === people.length) return contacts
  const seen = new Set(contacts.map((c) => c.telegramId))
  return [
    ...contacts,
    ...(await findByTelegramIds(
      tx,
      people.flatMap((p) => (seen.has(p.telegramId) ? [] : [p.telegramId])),
    )),
  ]
}

/** Those who are known, also those whom another transaction made while ours waited for it. */
const findByTelegramIds = async (tx: TenantTx, telegramIds: readonly number[]): Promise<FoundContact[]> => {
  const rows = await tx
    .selectFrom('contact')
    .select(['id', 'telegram_id'])
    .where('tenant_id', '=', tx.tenantId)
    .where('telegram_id', '=', sql<number>`any(${[...telegramIds]}::bigint[])`)
    .where('merged_into_id', 'is', null)
    .execute()
  return rows.map((row) => ({ id: row.id, telegramId: row.telegram_id ?? 0, created: false }))
}

/** Marks those of these new contacts suppressed who are on the suppression list. */
export const suppressListed = async (
  tx: TenantTx,
  people: readonly (PersonKeys & { readonly id: number })[],
): Promise<void> => {
  const hashes = people.flatMap((p) =>
    personHashes(tx.tenantId, p).map((hash) => ({ id: p.id, hash: hash.toString('hex') })),
  )
  if (hashes.length === 0) return
  await sql`${ahead}
    update contact c set suppressed_at = s.since, suppressed_reason = s.reason
    from unnest(${hashes.map((h) => h.id)}::bigint[], ${hashes.map((h) => h.hash)}::text[]) as h(contact_id, hash)
    join suppression s on s.tenant_id = ${tx.tenantId} and s.person_hash = decode(h.hash, 'hex') and s.lifted_at is null
    where c.tenant_id = ${tx.tenantId} and c.id = h.contact_id and c.suppressed_at is null`.execute(tx)
}

/** Writes profiles; the rows are locked by the caller. */
export const updateProfiles = async (tx: TenantTx, changes: readonly ProfileChange[]): Promise<void> => {
  if (changes.length === 0) return
  const column = <T>(pick: (change: ProfileChange) => T): T[] => changes.map(pick)
  await sql`${ahead}
    update contact c set username = p.username, first_name = p.first_name, last_name = p.last_name,
      language_code = p.language_code, is_premium = p.is_premium, source = p.source,
      first_seen_at = p.first_seen_at, last_seen_at = p.last_seen_at
    from unnest(${column((p) => p.id)}::bigint[], ${column((p) => p.username)}::text[],
      ${column((p) => p.firstName)}::text[], ${column((p) => p.lastName)}::text[],
      ${column((p) => p.languageCode)}::text[], ${column((p) => p.isPremium)}::boolean[],
      ${column((p) => p.source)}::text[], ${column((p) => iso(p.firstSeenAt))}::timestamptz[],
      ${column((p) => iso(p.lastSeenAt))}::timestamptz[])
      as p(id, username, first_name, last_name, language_code, is_premium, source, first_seen_at, last_seen_at)
    where c.tenant_id = ${tx.tenantId} and c.id = p.id`.execute(tx)
}

/** Locks one contact for the rest of the transaction and returns it, or undefined. */
export const lockContact = (tx: TenantTx, contactId: number) =>
  tx
    .selectFrom('contact')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', contactId)
    .forNoKeyUpdate()
    .executeTakeFirst()

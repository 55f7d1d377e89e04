import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ImportedPerson } from './csv-row.rules.ts'
import { unitePeople } from './merge-people.rules.ts'

/** What became of a batch of imported people. */
export interface ImportOutcome {
  readonly created: readonly {
    readonly id: number
    readonly telegramId: number | null
    readonly username: string | null
  }[]
  readonly changed: readonly number[]
}

/** One import of a tenant at a time, until the end of the transaction: a user name alone has no unique key to lean on. */
export const lockImports = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('contacts.import', ${tx.tenantId}))`.execute(tx)
}

const isoOrNull = (at: number | null): string | null => (at === null ? null : toDate(at).toISOString())

const RECORD = sql`(n bigint, telegram_id bigint, username text, first_name text, last_name text, language_code text,
  time_zone text, is_premium boolean, tags text[], attributes jsonb, first_seen timestamptz, last_seen timestamptz)`

const rowsOf = (people: readonly (readonly [number, ImportedPerson])[]): string =>
  JSON.stringify(
    people.map(([n, p]) => ({
      n,
      telegram_id: p.telegramId,
      username: p.username,
      first_name: p.firstName,
      last_name: p.lastName,
      language_code: p.languageCode,
      time_zone: p.timeZone,
      is_premium: p.isPremium,
      tags: p.tags,
      attributes: p.attributes,
      first_seen: isoOrNull(p.firstSeenAt),
      last_seen: isoOrNull(p.lastSeenAt),
    })),
  )

/**
 * Writes imported people, who are unique by Telegram id and by user name among those without one. Who is known gets
 * what was missing, further tags and attributes, an earlier first and a later last sight; the rest become contacts with
 * an empty feature row and no consent. Callers hold {@link lockImports}.
 */
export const saveImported = async (
  tx: TenantTx,
  people: readonly ImportedPerson[],
  source: string,
  now: number,
): Promise<ImportOutcome> => {
  const matched = await matchKnown(tx, people)
  const known = new Map<number, ImportedPerson>()
  for (const [n, contactId] of matched) {
    const [person, other] = [people[n], known.get(contactId)]
    if (person) known.set(contactId, other ? unitePeople(other, person) : person)
  }
  const fresh = people.filter((_, n) => !matched.has(n))
  return {
    changed: await fillKnown(tx, known),
    created: await insertPeople(tx, fresh, source, now),
  }
}

const fillKnown = async (tx: TenantTx, known: ReadonlyMap<number, ImportedPerson>): Promise<number[]> => {
  if (known.size === 0) return []
  const { rows } = await sql<{ id: number }>`
    with next as (
      select c.id,
        coalesce(c.telegram_id, g.telegram_id) as telegram_id,
        coalesce(c.username, g.username) as username,
        case when c.first_name = '' and c.last_name = '' then g.first_name else c.first_name end as first_name,
        case when c.first_name = '' and c.last_name = '' then g.last_name else c.last_name end as last_name,
        coalesce(c.language_code, g.language_code) as language_code,
        coalesce(c.time_zone, g.time_zone) as time_zone,
        case when c.tags @> g.tags then c.tags
          else array(select distinct t from unnest(c.tags || g.tags) as t order by t) end as tags,
        g.attributes || c.attributes as attributes,
        least(c.first_seen_at, g.first_seen, g.last_seen) as first_seen_at,
        greatest(c.last_seen_at, g.last_seen) as last_seen_at
      from jsonb_to_recordset(${rowsOf([...known])}::jsonb) as g${RECORD}
      join contact c on c.tenant_id = ${tx.tenantId} and c.id = g.n
    )
    update contact c set telegram_id = x.telegram_id, username = x.username, first_name = x.first_name,
      last_name = x.last_name, language_code = x.language_code, time_zone = x.time_zone, tags = x.tags,
      attributes = x.attributes, first_seen_at = x.first_seen_at, last_seen_at = x.last_seen_at
    from next x
    where c.tenant_id = ${tx.tenantId} and c.id = x.id and (c.telegram_id, c.username, c.first_name, c.last_name,
      c.language_code, c.time_zone, c.tags, c.attributes, c.first_seen_at, c.last_seen_at) is distinct from
      (x.telegram_id, x.username, x.first_name, x.last_name, x.language_code, x.time_zone, x.tags, x.attributes,
      x.first_seen_at, x.last_seen_at)
    returning c.id`.execute(tx)
  const changed = rows.map((row) => row.id)
  if (changed.length === 0) return []
  await sql`
    update contact_feature f set first_seen_at = least(f.first_seen_at, c.first_seen_at),
      last_seen_at = greatest(f.last_seen_at, c.last_seen_at)
    from contact c
    where c.tenant_id = ${tx.tenantId} and c.id = any(${changed}::bigint[])
      and f.tenant_id = ${tx.tenantId} and f.contact_id = c.id`.execute(tx)
  return changed
}

const insertPeople = async (
  tx: TenantTx,
  people: readonly ImportedPerson[],
  source: string,
  now: number,
): Promise<ImportOutcome['created']> => {
  if (people.length === 0) return []
  const at = toDate(now)
  const { rows } = await sql<{ id: number; telegram_id: number | null; username: string | null }>`
    with made as (
      insert into contact (tenant_id, telegram_id, username, first_name, last_name, language_code, time_zone,
        is_premium, tags, attributes, source, first_seen_at, last_seen_at, created_at)
      select ${tx.tenantId}, telegram_id, username, first_name, last_name, language_code, time_zone, is_premium, tags,
        attributes, ${source}, coalesce(first_seen, last_seen, ${at}), last_seen, ${at}
      from jsonb_to_recordset(${rowsOf(people.map((p, n) => [n, p]))}::jsonb) as r${RECORD}
      order by telegram_id
      on conflict (tenant_id, telegram_id) where merged_into_id is null do nothing
      returning id, telegram_id, username, first_seen_at, last_seen_at, is_premium
    ), featured as (
      insert into contact_feature (tenant_id, contact_id, first_seen_at, last_seen_at, is_premium)
      select ${tx.tenantId}, id, first_seen_at, last_seen_at, is_premium from made
    ), told as (
      insert into contact_event (tenant_id, at, contact_id, kind, detail)
      select ${tx.tenantId}, ${at}, id, 'imported', jsonb_build_object('source', ${source}::text) from made
    )
    select id, telegram_id, username from made`.execute(tx)
  return rows.map((row) => ({ id: row.id, telegramId: row.telegram_id, username: row.username }))
}

/**
 * Which of `people` (by place) are already contacts, and which: by Telegram id, else by user name. A user name decides
 * only while one of the two sides has no id: names change hands, ids do not.
 */
export const matchKnown = async (tx: TenantTx, people: readonly ImportedPerson[]): Promise<Map<number, number>> => {
  // Scalar subqueries: single index probes, however little the planner knows of tables that are just being filled.
  const { rows } = await sql<{ n: number; id: number }>`
    with given as materialized (
      select (n - 1)::int as n, telegram_id, lower(username) as username,
        (select c.id from contact c where c.tenant_id = ${tx.tenantId} and c.telegram_id = g.telegram_id
          and c.merged_into_id is null limit 1) as id
      from unnest(${people.map((p) => p.telegramId)}::bigint[], ${people.map((p) => p.username)}::text[])
        with ordinality as g(telegram_id, username, n)
    ), by_name as materialized (
      select n, telegram_id, (select (array_agg(c.id order by c.telegram_id nulls last, c.id))[1] from contact c
        where c.tenant_id = ${tx.tenantId} and c.username_key = g.username
          and c.merged_into_id is null and (g.telegram_id is null or c.telegram_id is null)) as id
      from given g where id is null and username is not null
    )
    select n, id from given where id is not null
    union all (
      -- Two rows that lead to one contact: the first with an id gives it its id, a second would be another person.
      select distinct on (id) n, id from by_name where id is not null order by id, telegram_id nulls last, n
    )`.execute(tx)
  return new Map(rows.map((row) => [row.n, row.id]))
}

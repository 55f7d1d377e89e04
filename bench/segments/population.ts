import pg from 'pg'
import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'

/** The instant the population is made for; the benchmark's clock stands there. */
export const POPULATION_AT = Date.UTC(2026, 5, 1, 9)

const ago = (days: string): string => `(select at from instant) - (${days}) * interval '1 day'`
/** Newest first, like the application keeps them: k-th instant k · step days ago. */
const instants = (share: number, stepDays: string, count: string): string =>
  `case when random() < ${share} then array(select ${ago(`k * ${stepDays}`)} from generate_series(1, ${count}) k) else '{}' end`

/**
 * Gives a tenant `size` contacts with features as a shop's audience has them: most say little, few say much; three in
 * five hold a segment. The same people for the same size. Ends with VACUUM ANALYZE, as autovacuum would in time.
 */
export const populate = async (db: Db, superuserUrl: string, tenantId: number, size: number): Promise<void> => {
  await db.connection().execute(async (connection) => {
    await sql`select setseed(0.5)`.execute(connection)
    await sql`
      insert into contact (tenant_id, telegram_id, first_seen_at, created_at)
      select ${tenantId}, ${tenantId} * 10000000 + i, ${toDate(POPULATION_AT)}, ${toDate(POPULATION_AT)}
      from generate_series(1, ${size}::integer) i`.execute(connection)
    await sql`
      with instant as (select ${toDate(POPULATION_AT)}::timestamptz as at),
      person as materialized (
        select id, random() as talk, random() as mood, random() as drift, random() as age
        from contact where tenant_id = ${tenantId})
      insert into contact_feature (tenant_id, contact_id, first_seen_at, last_seen_at, is_premium, inbound_count,
        outbound_count, response_count, click_count, reaction_count, order_count, account_count, engagement_mass,
        engagement_at, member_since, last_paid_at, price_intent_at, chat_active_at, group_message_at, hour_counts)
      select ${tenantId}, id, ${sql.raw(ago('power(random(), 1.5) * 300'))}, ${sql.raw(ago('power(random(), 3) * 90'))},
        random() < .1, power(talk, 3) * 60, mood * 10, talk * mood * 6, talk * talk * drift * 8, power(drift, 3) * 6,
        case when random() < .08 then 1 + random() * 3 else 0 end, 1 + mood * mood * 3, power(talk, 4) * 30,
        ${sql.raw(ago('age * age * 20'))},
        case when random() < .5 then ${sql.raw(ago('random() * 90'))} end,
        case when random() < .08 then ${sql.raw(ago('random() * 90'))} end,
        ${sql.raw(instants(0.1, 'age * 9', '1 + (drift * 2)::integer'))},
        ${sql.raw(instants(0.2, 'age * 9', '1 + (drift * 7)::integer'))},
        ${sql.raw(instants(0.3, 'age * 9', '1 + (drift * 7)::integer'))},
        case when age < .1
          then array[drift*9, talk*9, mood*9, 0,0,0,0,0, 0,0,0,0,0,0,0,0, 0,0,0,0, 1, 1, drift*5, talk*9]::integer[]
          else array[0,0,0,0,0,0,0,0, drift*4, talk*2, talk*4, mood*7, drift*9, 1, 1, 2, 0, mood*2, drift*2, talk*6,
            talk*8, mood*9, drift*3, talk*2]::integer[] end
      from person`.execute(connection)
  })
  await asSuperuser(superuserUrl, 'vacuum analyze')
}

/** Runs one statement as the superuser, in the application's database. */
export const asSuperuser = async (superuserUrl: string, statement: string): Promise<void> => {
  const url = new URL(superuserUrl)
  url.pathname = '/gavatcore'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** `count` random contacts of the tenant. */
export const pickContacts = async (db: Db, tenantId: number, count: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ contact_id: number }>`
    select contact_id from contact_feature where tenant_id = ${tenantId}
    order by hashint8(contact_id) limit ${count}`.execute(db)
  return rows.map((row) => row.contact_id)
}

/** Lets something happen to these contacts: each says more, or falls silent, so that about half change segments. */
export const disturb = async (db: Db, tenantId: number, ids: readonly number[], round: number): Promise<void> => {
  await sql`
    update contact_feature set
      engagement_mass = mod(abs(hashint8(contact_id)::bigint) + ${round} * 7, 24), engagement_at = ${toDate(POPULATION_AT)},
      inbound_count = mod(inbound_count + ${round}, 30), last_seen_at = ${toDate(POPULATION_AT)}
    where tenant_id = ${tenantId} and contact_id = any(${[...ids]}::bigint[])`.execute(db)
}

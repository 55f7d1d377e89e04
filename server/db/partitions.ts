import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'

import type { Db } from './pool.ts'

const PARTITIONED = ['message', 'contact_event'] as const
const MONTHS_AHEAD = 3
/** Older rows (a date somebody mistyped) stay in the default partition instead of making hundreds of tables. */
const OLDEST_YEARS = 15

/**
 * Makes the month partitions from last month to three months ahead of `now`, and moves rows out of the default
 * partition into months of their own. Safe to call from several processes and at any time.
 */
export const ensurePartitions = async (db: Db, now: number): Promise<void> => {
  for (const parent of PARTITIONED) {
    const { rows } = await sql<{ month: string }>`
      select to_char(month, 'YYYY-MM-DD') as month
      from generate_series(
        date_trunc('month', ${toDate(now)}::timestamptz at time zone 'UTC') - interval '1 month',
        date_trunc('month', ${toDate(now)}::timestamptz at time zone 'UTC') + ${MONTHS_AHEAD} * interval '1 month',
        interval '1 month') month
      union
      select distinct to_char(date_trunc('month', at at time zone 'UTC'), 'YYYY-MM-DD')
      from ${sql.table(`${parent}_default`)}
      where at > ${toDate(now)}::timestamptz - ${OLDEST_YEARS} * interval '1 year' and at < ${toDate(now)}::timestamptz + interval '1 year'
      order by 1`.execute(db)
    for (const { month } of rows) await ensureMonth(db, parent, month)
  }
}

/** A partition cannot be made over rows that lie in the default one: they step aside for the length of a transaction. */
const ensureMonth = (db: Db, parent: (typeof PARTITIONED)[number], month: string): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await sql`select set_config('timezone', 'UTC', true), pg_advisory_xact_lock(hashtextextended(${`gavatcore partition ${parent}`}, 0))`.execute(
      tx,
    )
    const fallback = sql.table(`${parent}_default`)
    const inMonth = sql`at >= ${month}::timestamptz and at < ${month}::timestamptz + interval '1 month'`
    await sql`create temporary table displaced on commit drop as select * from ${fallback} where ${inMonth}`.execute(tx)
    await sql`delete from ${fallback} where ${inMonth}`.execute(tx)
    await sql`select ensure_month_partition(${parent}::regclass, ${month}::date)`.execute(tx)
    await sql`insert into ${sql.table(parent)} overriding system value select * from displaced`.execute(tx)
  })

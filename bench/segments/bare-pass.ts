import { sql } from 'kysely'

import { SEGMENTS } from '#contract/words.ts'
import type { Db } from '#server/db/pool.ts'
import { scoresSql } from '#server/modules/segments/assessment.store.ts'
import { DEFAULT_SEGMENT_RULES } from '#server/modules/segments/default-segment.rules.ts'
import { columnOfSegment } from '#server/modules/segments/rule-sql.store.ts'

import { POPULATION_AT } from './population.ts'

const COLUMNS = SEGMENTS.map(columnOfSegment)

/** The least a store of scores can be: twelve numbers per contact under a primary key. */
export const createBareTable = async (db: Db): Promise<void> => {
  await sql`${sql.raw(`drop table if exists bench_scores;
    create table bench_scores (tenant_id bigint, contact_id bigint, ${COLUMNS.map((c) => `${c} smallint`).join(', ')},
      primary key (tenant_id, contact_id))`)}`.execute(db)
}

/** The same scores by the same expressions of the people in scope; only those who hold any segment are kept. */
const bareSql = (tenantId: number, contactIds: readonly number[] | 'all'): string => {
  const book = { rules: DEFAULT_SEGMENT_RULES, hasPins: false, hasOpinions: false, now: POPULATION_AT }
  const scores = scoresSql(book, (alias) =>
    contactIds === 'all'
      ? `${alias}.tenant_id = ${tenantId}`
      : `${alias}.tenant_id = ${tenantId} and ${alias}.contact_id = any('{${contactIds.join(',')}}'::bigint[])`,
  )
  return `insert into bench_scores
    select tenant_id, contact_id, ${COLUMNS.map((c) => `r_${c}`).join(', ')} from (${scores}) s
    where coalesce(${COLUMNS.map((c) => `r_${c}`).join(', ')}) is not null`
}

/** One statement, one transaction, no history, no difference, no events: every score of the tenant computed and written. */
export const runBarePass = async (db: Db, tenantId: number, jit: boolean): Promise<void> => {
  await sql`truncate bench_scores`.execute(db)
  await db.connection().execute(async (connection) => {
    await sql`select set_config('jit', ${jit ? 'on' : 'off'}, false)`.execute(connection)
    await sql.raw(bareSql(tenantId, 'all')).execute(connection)
    await sql`reset jit`.execute(connection)
  })
}

/** The same for some people, whose scores are replaced. */
export const runBareBatch = async (db: Db, tenantId: number, contactIds: readonly number[]): Promise<void> => {
  const replace = COLUMNS.map((c) => `${c} = excluded.${c}`).join(', ')
  const text = `${bareSql(tenantId, contactIds)} on conflict (tenant_id, contact_id) do update set ${replace}`
  await sql.raw(text).execute(db)
}

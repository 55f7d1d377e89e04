import { type RawBuilder, sql } from 'kysely'

import { SECOND_MS } from '#server/base/duration.ts'
import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { sharedColumns } from './feature-sql.store.ts'
import type { OwnCondition } from './own-segment.rules.ts'
import { bitOfSegment, conditionSql } from './rule-sql.store.ts'
import type { FeatureCondition } from './segment.rules.ts'

const isComparison = (condition: OwnCondition): condition is FeatureCondition => 'feature' in condition

/** The numbers of contacts within `where` for whom every comparison holds, compiled as the twelve rules are. */
const comparedSql = (
  comparisons: readonly FeatureCondition[],
  where: RawBuilder<unknown>,
  now: number,
): RawBuilder<unknown> => {
  const { first, second } = sharedColumns(now)
  const hold = comparisons.map((condition) => `(${conditionSql(condition, now)})`).join(' and ')
  return sql`select contact_id from (
    select base.*, ${sql.raw(second)} from (
      select f.*, ${sql.raw(first)} from contact_feature f where ${where} offset 0
    ) base offset 0
  ) own where ${sql.raw(hold)}`
}

const otherSql = (
  condition: Exclude<OwnCondition, FeatureCondition>,
  tenantId: number,
  contactId: RawBuilder<unknown>,
): RawBuilder<boolean> => {
  const found =
    'tag' in condition
      ? sql`exists (select from contact tagged where tagged.tenant_id = ${tenantId} and tagged.id = ${contactId}
          and tagged.tags @> array[${condition.tag}]::text[])`
      : 'consent' in condition
        ? sql`exists (select from contact_consent asked where asked.tenant_id = ${tenantId} and asked.contact_id = ${contactId}
            and asked.purpose = ${condition.consent} and asked.granted)`
        : sql`exists (select from segment_assignment held where held.tenant_id = ${tenantId} and held.contact_id = ${contactId}
            and held.held & ${bitOfSegment(condition.segment)} <> 0)`
  return condition.is ? sql<boolean>`${found}` : sql<boolean>`not ${found}`
}

/** Whether contacts are tested one by one, each by its key, or all of the tenant's at once. */
type Way = 'each' | 'all'

/**
 * All conditions of an own segment over the number of a contact, as fitsOwnSegment decides them. `each` reads a person's
 * rows by their keys, whatever the planner believes: for pages of a list. `all` computes everybody once: for counts.
 */
export const ownSegmentSql = (
  conditions: readonly OwnCondition[],
  { tenantId, contactId, now, way }: { tenantId: number; contactId: RawBuilder<unknown>; now: number; way: Way },
): RawBuilder<boolean> => {
  const comparisons = conditions.filter(isComparison)
  const others = conditions.flatMap((condition) =>
    isComparison(condition) ? [] : [otherSql(condition, tenantId, contactId)],
  )
  const mine = sql`f.tenant_id = ${tenantId}`
  const compared =
    comparisons.length === 0
      ? []
      : way === 'all'
        ? [sql`${contactId} in (${comparedSql(comparisons, mine, now)})`]
        : [sql`exists (${comparedSql(comparisons, sql`${mine} and f.contact_id = ${contactId}`, now)})`]
  return sql<boolean>`(${sql.join([...others, ...compared], sql` and `)})`
}

/** Whether a person belongs to any of these; nobody does where there are none. */
export const anyOwnSegmentSql = (
  segments: readonly (readonly OwnCondition[])[],
  place: Omit<Parameters<typeof ownSegmentSql>[1], 'way'>,
): RawBuilder<boolean> =>
  segments.length === 0
    ? sql<boolean>`false`
    : sql<boolean>`(${sql.join(
        segments.map((conditions) => ownSegmentSql(conditions, { ...place, way: 'each' })),
        sql` or `,
      )})`

/** Looking somebody up among a million must not hang a screen. */
const ANSWER_MS = 8 * SECOND_MS
const QUERY_CANCELLED = '57014'

/**
 * Runs a look-up that ends after eight seconds (`limitMs`), come what may. The transaction is over with it. Errors:
 * `unavailable/own_segment_slow`.
 */
export const withinAnswerTime = async <T>(tx: TenantTx, work: () => Promise<T>, limitMs = ANSWER_MS): Promise<T> => {
  const { rows } = await sql<{ before: string }>`select current_setting('statement_timeout') as before`.execute(tx)
  const limit = (to: string) => sql`select set_config('statement_timeout', ${to}, true)`.execute(tx)
  await limit(String(limitMs))
  try {
    const result = await work()
    await limit(rows[0]?.before ?? '0')
    return result
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === QUERY_CANCELLED)
      throw new AppError(
        'unavailable',
        'own_segment_slow',
        { seconds: Math.ceil(limitMs / SECOND_MS) },
        { cause: error },
      )
    throw error
  }
}

/** How many living contacts fit, and the numbers of those seen last. */
interface OwnMatches {
  readonly count: number
  readonly ids: readonly number[]
}

/** Counts everybody who fits and names the `limit` seen last, in the order of the list of contacts. */
export const matchOwnSegment = async (
  tx: TenantTx,
  conditions: readonly OwnCondition[],
  now: number,
  limit: number,
): Promise<OwnMatches> => {
  const fits = ownSegmentSql(conditions, { tenantId: tx.tenantId, contactId: sql.ref('c.id'), now, way: 'all' })
  const { rows } = await sql<{ count: number; ids: number[] }>`
    with fitting as materialized (
      select c.id, c.last_seen_at from contact c
      where c.tenant_id = ${tx.tenantId} and c.merged_into_id is null and c.erased_at is null and ${fits}
    )
    select (select count(*)::integer from fitting) as count,
      array(select id from fitting order by last_seen_at desc nulls last, id limit ${limit}) as ids`.execute(tx)
  return rows[0] ?? { count: 0, ids: [] }
}

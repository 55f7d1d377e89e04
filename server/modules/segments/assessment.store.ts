import { sql } from 'kysely'

import { SEGMENTS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { featureSql, instant, sharedColumns } from './feature-sql.store.ts'
import { FEATURE_NAMES } from './feature.rules.ts'
import { bitOfSegment, columnOfSegment, primarySql, ruleSql } from './rule-sql.store.ts'
import { MANUAL_CONFIDENCE, type SegmentPriorities, type SegmentRules } from './segment.rules.ts'

/** Which contacts a statement looks at: some, or all whose id lies in (after, upTo]. */
export type AssessmentScope =
  | { readonly contactIds: readonly number[] }
  | { readonly after: number; readonly upTo: number }

export interface Assessment {
  readonly tenantId: number
  readonly scope: AssessmentScope
  readonly rules: SegmentRules
  readonly revision: number
  readonly priorities: SegmentPriorities
  /** Whether any contact of the tenant has a segment given by hand. */
  readonly hasPins: boolean
  /** Epoch ms. */
  readonly now: number
}

const columns = SEGMENTS.map(columnOfSegment)
const each = (make: (column: string, bit: number) => string, separator = ', '): string =>
  SEGMENTS.map((segment) => make(columnOfSegment(segment), bitOfSegment(segment))).join(separator)

const within = (alias: string, { tenantId, scope }: Assessment): string =>
  'contactIds' in scope
    ? `${alias}.tenant_id = ${tenantId} and ${alias}.contact_id = any('{${scope.contactIds.join(',')}}'::bigint[])`
    : `${alias}.tenant_id = ${tenantId} and ${alias}.contact_id > ${scope.after} and ${alias}.contact_id <= ${scope.upTo}`

/** The mask of pinned segments per contact of the scope. */
const pinMasks = (assessment: Assessment): string => `
  select contact_id, bit_or(case segment ${SEGMENTS.map((s) => `when '${s}' then ${bitOfSegment(s)}`).join(' ')} else 0 end) as mask
  from segment_pin p where ${within('p', assessment)} group by contact_id`

/**
 * Rows (features, contact_id, pinned, r_<segment>): what the rules alone say about each contact of the scope. The
 * subqueries are fenced by `offset 0`: each expression is then computed once.
 */
export const scoresSql = (assessment: Assessment): string => {
  const { now, rules, hasPins } = assessment
  const shared = sharedColumns(now)
  const pinned = hasPins ? 'pinned' : null
  const first = hasPins
    ? `select f.*, coalesce(p.mask, 0) as pinned, ${shared.first} from contact_feature f
       left join (${pinMasks(assessment)}) p using (contact_id) where ${within('f', assessment)} offset 0`
    : `select f.*, 0 as pinned, ${shared.first} from contact_feature f where ${within('f', assessment)} offset 0`
  const ratings = SEGMENTS.map((segment) => `${ruleSql(rules, segment, now, pinned)} as r_${columnOfSegment(segment)}`)
  return `select shared.*, ${ratings.join(',\n    ')}
    from (select base.*, ${shared.second} from (${first}) base offset 0) shared offset 0`
}

/** Adds what the contact holds in the end: n_<segment>, held_now and primary_now. */
const holdingsSql = (assessment: Assessment): string => {
  const { hasPins, priorities } = assessment
  const effective = (column: string, bit: number): string =>
    hasPins ? `case when pinned & ${bit} <> 0 then ${MANUAL_CONFIDENCE}::smallint else r_${column} end` : `r_${column}`
  return `select holdings.*,
      ${each((column, bit) => `(n_${column} is not null)::integer * ${bit}`, ' + ')} as held_now,
      ${primarySql(priorities, (segment) => `n_${columnOfSegment(segment)}`)} as primary_now
    from (select scores.*, ${each((column, bit) => `${effective(column, bit)} as n_${column}`)}
      from (${scoresSql(assessment)}) scores offset 0) holdings offset 0`
}

/** Contacts whose stored assignment differs from what holds now, with both sides of the difference. */
const changedSql = (assessment: Assessment): string => `
  select n.contact_id, n.pinned, n.held_now, n.primary_now, ${columns.map((c) => `n_${c}`).join(', ')},
    a.contact_id is null as is_new, a.held as held_before, a.pinned as pinned_before,
    a.rule_revision as revision_before, a.inputs as inputs_before,
    ${columns.map((c) => `a.${c} as o_${c}, a.${c}_since as s_${c}`).join(', ')},
    array[${FEATURE_NAMES.map((name) => `${featureSql(name, assessment.now)}::real`).join(', ')}] as inputs,
    n.held_now is distinct from coalesce(a.held, 0) or n.primary_now is distinct from a.primary_segment as has_moved,
    coalesce(a.held & n.held_now & ~(a.pinned # n.pinned), 0) as kept
  from (${holdingsSql(assessment)}) n
  left join segment_assignment a on a.contact_id = n.contact_id and ${within('a', assessment)}
  where case when a.contact_id is null then n.held_now <> 0
    else (n.pinned, n.primary_now, ${columns.map((c) => `n_${c}`).join(', ')})
      is distinct from (a.pinned, a.primary_segment, ${columns.map((c) => `a.${c}`).join(', ')}) end`

/**
 * One statement that computes the segments of a scope and writes the differences: ended intervals to the history, new
 * contents to the assignments.
 */
const assessmentSql = (assessment: Assessment): string => {
  const { tenantId, revision } = assessment
  const now = instant(assessment.now)
  const since = each(
    (c, bit) => `case when n_${c} is null then null when kept & ${bit} <> 0 then s_${c} else ${now} end`,
  )
  const ended = each((c, bit) => `(${bit}, '${c.toUpperCase()}', o_${c}, s_${c})`)
  return `
with changed as materialized (${changedSql(assessment)}),
ended as (
  insert into segment_history (tenant_id, contact_id, segment, source, confidence, rule_revision, inputs, since, until)
  select ${tenantId}, contact_id, o.segment, case when pinned_before & o.bit <> 0 then 'manual' else 'rule' end,
    o.confidence, revision_before, inputs_before, o.since, greatest(o.since, ${now})
  from changed cross join lateral (values ${ended}) as o(bit, segment, confidence, since)
  where not is_new and held_before & ~kept & o.bit <> 0
),
rewritten as (
  update segment_assignment a set
    (primary_segment, pinned, rule_revision, inputs, assessed_at, ${columns.join(', ')}, ${columns.map((c) => `${c}_since`).join(', ')})
    = (primary_now, c.pinned, ${revision}, c.inputs, ${now}, ${columns.map((c) => `n_${c}`).join(', ')}, ${since})
  from changed c where not is_new and a.contact_id = c.contact_id and ${within('a', assessment)}
),
added as (
  insert into segment_assignment
    (tenant_id, contact_id, primary_segment, pinned, rule_revision, inputs, assessed_at, ${columns.join(', ')}, ${columns.map((c) => `${c}_since`).join(', ')})
  select ${tenantId}, contact_id, primary_now, pinned, ${revision}, inputs, ${now}, ${columns.map((c) => `n_${c}`).join(', ')}, ${since}
  from changed where is_new
)
select count(*)::integer as written, coalesce(string_agg(contact_id::text, ',') filter (where has_moved), '') as moved from changed`
}

export interface AssessmentResult {
  /** Assignments written, for whatever reason. */
  readonly written: number
  /** Contacts whose set of segments or primary segment changed. */
  readonly movedIds: readonly number[]
}

/** Computes and writes the segments of a scope. The caller holds the tenant's segment lock. */
export const writeAssessment = async (tx: TenantTx, assessment: Assessment): Promise<AssessmentResult> => {
  const { rows } = await sql<{ written: number; moved: string }>`${sql.raw(assessmentSql(assessment))}`.execute(tx)
  const { written = 0, moved = '' } = rows[0] ?? {}
  return { written, movedIds: moved === '' ? [] : moved.split(',').map(Number) }
}

/**
 * Takes the tenant's segment lock until the end of the transaction: one writer of assignments at a time. It comes
 * before every other lock the transaction takes, and its holder waits for no row that somebody else may hold, so two
 * passes never wait for each other in a ring. The statements that follow are compiled for a chunk at most: just-in-time
 * compilation would cost more than it saves, and a chunk's differences fit the given memory.
 */
export const lockSegments = async (tx: TenantTx): Promise<void> => {
  await sql`select set_config('jit', 'off', true), set_config('work_mem', '64MB', true), lock_segments(${tx.tenantId})`.execute(
    tx,
  )
}

/**
 * The next stretch of at most `size` contacts after an id, in the order of ids: where it ends and how many it holds; null
 * when none are left.
 */
export const findNextRange = async (
  tx: TenantTx,
  after: number,
  size: number,
): Promise<{ readonly upTo: number; readonly count: number } | null> => {
  const { rows } = await sql<{ up_to: number | null; count: number }>`
    select max(contact_id) as up_to, count(*)::integer as count from (
      select contact_id from contact_feature where tenant_id = ${tx.tenantId} and contact_id > ${after}
      order by contact_id limit ${size}) stretch`.execute(tx)
  const range = rows[0]
  return range && range.up_to !== null ? { upTo: range.up_to, count: range.count } : null
}

/** How many contacts of the tenant have features. */
export const countContactsWithFeatures = async (tx: TenantTx): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from contact_feature where tenant_id = ${tx.tenantId}`.execute(tx)
  return rows[0]?.count ?? 0
}

import { sql } from 'kysely'

import { SEGMENTS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { featureSql, instant, sharedColumns } from './feature-sql.store.ts'
import { FEATURE_NAMES } from './feature.rules.ts'
import { bitOfSegment, columnOfSegment, primarySql, ruleSql } from './rule-sql.store.ts'
import { MANUAL_CONFIDENCE, type SegmentPriorities, type SegmentRules } from './segment.rules.ts'

/**
 * A full pass runs in lanes, a connection each, for an INSERT … SELECT keeps to one processor. Contacts belong to a lane by
 * blocks of 64 ids: neighbours share pages, and tenants whose ids interleave still fill all lanes. The number is part
 * of the locking: it must be the same in every process.
 */
export const LANES = [0, 1] as const
export type Lane = (typeof LANES)[number]
const LANE_BLOCK_BITS = 6

/** The contacts of a lane whose id lies in (after, upTo]. */
export interface LaneStretch {
  readonly lane: Lane
  readonly after: number
  readonly upTo: number
}

/** Which contacts a statement looks at. */
export type AssessmentScope = { readonly contactIds: readonly number[] } | LaneStretch

export interface Assessment {
  readonly tenantId: number
  readonly scope: AssessmentScope
  readonly rules: SegmentRules
  readonly revision: number
  readonly priorities: SegmentPriorities
  /** Whether any contact of the tenant has a segment given by hand. */
  readonly hasPins: boolean
  /** Whether a model's opinion counts for any contact of the tenant. */
  readonly hasOpinions: boolean
  /** Epoch ms. */
  readonly now: number
}

const columns = SEGMENTS.map(columnOfSegment)
const each = (make: (column: string, bit: number) => string, separator = ', '): string =>
  SEGMENTS.map((segment) => make(columnOfSegment(segment), bitOfSegment(segment))).join(separator)

/** As a bare boolean, of which the planner expects a good part of the rows to hold; of an equation, one in 200. */
const inLane = (id: string, lane: Lane): string =>
  `${lane === 0 ? 'not ' : ''}((${id} >> ${LANE_BLOCK_BITS}) & 1)::integer::boolean`

const within = (alias: string, { tenantId, scope }: Assessment): string => {
  const id = `${alias}.contact_id`
  const mine = `${alias}.tenant_id = ${tenantId}`
  return 'contactIds' in scope
    ? `${mine} and ${id} = any('{${scope.contactIds.join(',')}}'::bigint[])`
    : `${mine} and ${id} > ${scope.after} and ${id} <= ${scope.upTo} and ${inLane(id, scope.lane)}`
}

/** The condition that an alias's tenant_id and contact_id are in scope. */
type Within = (alias: string) => string

/** The mask of pinned segments per contact of the scope. */
const pinMasks = (within: Within): string => `
  select contact_id, bit_or(case segment ${SEGMENTS.map((s) => `when '${s}' then ${bitOfSegment(s)}`).join(' ')} else 0 end) as mask
  from segment_pin p where ${within('p')} group by contact_id`

/** What a model thinks of the contacts in scope who agree to being processed: o_<segment> per contact. */
const opinions = (within: Within, now: number): string => `
  select contact_id, ${each((column, bit) => `max(confidence) filter (where segment = '${SEGMENTS[Math.log2(bit)]}') as o_${column}`)}
  from segment_opinion o where ${within('o')} and o.expires_at > ${instant(now)}
    and exists (select from contact_consent c where c.tenant_id = o.tenant_id and c.contact_id = o.contact_id
      and c.purpose = 'ai_processing' and c.granted)
  group by contact_id`

type Book = Pick<Assessment, 'now' | 'rules' | 'hasPins' | 'hasOpinions'>

/**
 * Rows (features, contact_id, pinned, o_<segment>, r_<segment>): what the rules alone say about each contact in scope. The
 * subqueries are fenced by `offset 0`: each expression is then computed once.
 */
export const scoresSql = (book: Book, within: Within): string => {
  const { now, rules, hasPins, hasOpinions } = book
  const shared = sharedColumns(now)
  const pinned = hasPins ? 'pinned' : null
  const first = `select f.*, ${hasPins ? 'coalesce(p.mask, 0)' : '0'} as pinned, ${hasOpinions ? `${each((c) => `o.o_${c}`)}, ` : ''}${shared.first}
    from contact_feature f
    ${hasPins ? `left join (${pinMasks(within)}) p using (contact_id)` : ''}
    ${hasOpinions ? `left join (${opinions(within, now)}) o using (contact_id)` : ''}
    where ${within('f')} offset 0`
  const ratings = SEGMENTS.map((segment) => `${ruleSql(rules, segment, now, pinned)} as r_${columnOfSegment(segment)}`)
  return `select shared.*, ${ratings.join(',\n    ')}
    from (select base.*, ${shared.second} from (${first}) base offset 0) shared offset 0`
}

/**
 * The expression of a segment's confidence in the end, over the rows of scoresSql: the surer of rule and model, and the
 * hand over both.
 */
const effective = ({ hasPins, hasOpinions }: Book, column: string, bit: number): string => {
  const sure = hasOpinions ? `greatest(r_${column}, o_${column})` : `r_${column}`
  return hasPins ? `(case when pinned & ${bit} <> 0 then ${MANUAL_CONFIDENCE} else ${sure} end)` : sure
}

/** The mask of segments that are held because the model is surer than the rule. */
const advisedSql = ({ hasPins, hasOpinions }: Book): string =>
  hasOpinions
    ? each(
        (column, bit) =>
          `case when ${hasPins ? `pinned & ${bit} = 0 and ` : ''}o_${column} > coalesce(r_${column}, -1) then ${bit} else 0 end`,
        ' | ',
      )
    : '0'

const inputsSql = (now: number): string =>
  `array[${FEATURE_NAMES.map((name) => `${featureSql(name, now)}::real`).join(', ')}]`

/** Rows (contact_id, pinned, advised_now, n_<segment>, held_now, primary_now, and what `more` adds): what each contact holds now. */
const holdingsSql = (assessment: Assessment, more = ''): string => {
  const { priorities } = assessment
  const holds = each((c, bit) => `case when ${effective(assessment, c, bit)} is null then 0 else ${bit} end`, ' | ')
  const primary = primarySql(priorities, (s) => effective(assessment, columnOfSegment(s), bitOfSegment(s)))
  return `select contact_id, pinned, ${advisedSql(assessment)} as advised_now,
      ${each((column, bit) => `${effective(assessment, column, bit)}::smallint as n_${column}`)},
      ${holds} as held_now, ${primary} as primary_now${more}
    from (${scoresSql(assessment, (alias) => within(alias, assessment))}) scores offset 0`
}

const WRITTEN = `primary_segment, pinned, advised, rule_revision, inputs, assessed_at, ${columns.join(', ')}, ${columns.map((c) => `${c}_since`).join(', ')}`
const REPORT = `select count(*)::integer as written, coalesce(string_agg(contact_id::text, ',') filter (where has_moved), '') as moved`

/** Writes the assignments of contacts none of which has one: nothing to compare with, nothing to end. */
const firstSql = (assessment: Assessment): string => {
  const now = instant(assessment.now)
  const holdsAny = each((column, bit) => effective(assessment, column, bit))
  const inputs = `case when coalesce(${holdsAny}) is not null then ${inputsSql(assessment.now)} end`
  return `
with added as (
  insert into segment_assignment (tenant_id, contact_id, ${WRITTEN})
  select ${assessment.tenantId}, contact_id, primary_now, pinned, advised_now, ${assessment.revision}, inputs, ${now},
    ${each((c) => `n_${c}`)}, ${each((c) => `case when n_${c} is not null then ${now} end`)}
  from (${holdingsSql(assessment, `, ${inputs} as inputs`)}) n where held_now <> 0
  returning contact_id, true as has_moved
)
${REPORT} from added`
}

/**
 * Contacts that differ, with what they hold and read now. Most of a stretch stays as it is: there the comparison carries
 * as few columns as it can, and what was read is computed again for those that differ. Most of a batch differs: there
 * all is carried along.
 */
const changedSql = (assessment: Assessment): string => {
  const { now, scope } = assessment
  const isBatch = 'contactIds' in scope
  const changed = `
  select n.*, a.contact_id is null as is_new,
    n.held_now is distinct from coalesce(a.held, 0) or n.primary_now is distinct from a.primary_segment as has_moved,
    coalesce(a.held & n.held_now & ~((a.pinned # n.pinned) | (a.advised # n.advised_now)), 0) as kept
  from (${holdingsSql(assessment, isBatch ? `, ${inputsSql(now)} as inputs` : '')}) n
  left join segment_assignment a on a.contact_id = n.contact_id and ${within('a', assessment)}
  where case when a.contact_id is null then n.held_now <> 0
    else (n.pinned, n.advised_now, n.primary_now, ${each((c) => `n.n_${c}`)}) is distinct from (a.pinned, a.advised, a.primary_segment, ${each((c) => `a.${c}`)}) end`
  if (isBatch) return `changed as materialized (${changed})`
  const shared = sharedColumns(now)
  return `differing as materialized (${changed}),
changed as materialized (
  select d.*, ${inputsSql(now)} as inputs from differing d join (
    select base.*, ${shared.second} from (
      select f.*, ${shared.first} from contact_feature f
      where f.contact_id in (select contact_id from differing) and ${within('f', assessment)} offset 0) base offset 0) read
  using (contact_id)
)`
}

/**
 * Compares what holds now with what is stored and writes the differences: ended stays to the history, new contents to
 * the assignments.
 */
const differenceSql = (assessment: Assessment): string => {
  const { tenantId, revision, scope } = assessment
  const now = instant(assessment.now)
  const since = each(
    (c, bit) => `case when n_${c} is null then null when kept & ${bit} <> 0 then a.${c}_since else ${now} end`,
  )
  const stays = each((c, bit) => `(${bit}, '${c.toUpperCase()}', a.${c}, a.${c}_since)`)
  const mine = 'contactIds' in scope ? `a.tenant_id = ${tenantId}` : within('a', assessment)
  return `
with ${changedSql(assessment)},
ended as (
  insert into segment_history (tenant_id, contact_id, segment, source, confidence, rule_revision, inputs, since, until)
  select ${tenantId}, a.contact_id, stay.segment, case when a.pinned & stay.bit <> 0 then 'manual' when a.advised & stay.bit <> 0 then 'ai' else 'rule' end,
    stay.confidence, a.rule_revision, a.inputs, stay.since, greatest(stay.since, ${now})
  from changed c join segment_assignment a on a.contact_id = c.contact_id and ${mine}
  cross join lateral (values ${stays}) as stay(bit, segment, confidence, since)
  where not c.is_new and a.held & ~c.kept & stay.bit <> 0
),
rewritten as (
  update segment_assignment a set (${WRITTEN}) = row(primary_now, c.pinned, advised_now, ${revision}, c.inputs, ${now}, ${each((c) => `n_${c}`)}, ${since})
  from changed c where not is_new and a.contact_id = c.contact_id and ${mine}
),
added as (
  insert into segment_assignment (tenant_id, contact_id, ${WRITTEN})
  select ${tenantId}, contact_id, primary_now, pinned, advised_now, ${revision}, inputs, ${now},
    ${each((c) => `n_${c}`)}, ${each((c) => `case when n_${c} is not null then ${now} end`)}
  from changed where is_new
)
${REPORT} from changed`
}

export interface AssessmentResult {
  /** Assignments written, for whatever reason. */
  readonly written: number
  /** Contacts whose set of segments or primary segment changed. */
  readonly movedIds: readonly number[]
}

/** Whether anybody of a stretch has an assignment. */
const hasAssignments = async (tx: TenantTx, assessment: Assessment): Promise<boolean> => {
  const text = `select exists (select from segment_assignment a where ${within('a', assessment)}) as found`
  const { rows } = await sql.raw<{ found: boolean }>(text).execute(tx)
  return rows[0]?.found ?? false
}

/** Computes and writes the segments of a scope in one statement. The caller holds the tenant's segment lock. */
export const writeAssessment = async (tx: TenantTx, assessment: Assessment): Promise<AssessmentResult> => {
  const isFirst = 'lane' in assessment.scope && !(await hasAssignments(tx, assessment))
  const text = isFirst ? firstSql(assessment) : differenceSql(assessment)
  const { rows } = await sql.raw<{ written: number; moved: string }>(text).execute(tx)
  const { written = 0, moved = '' } = rows[0] ?? {}
  return { written, movedIds: moved === '' ? [] : moved.split(',').map(Number) }
}

/**
 * The statements that follow are compiled for a chunk at most: just-in-time compilation would cost more than it saves,
 * and a chunk's differences fit the given memory.
 */
const SETTINGS = sql`set_config('jit', 'off', true), set_config('work_mem', '64MB', true)`

/**
 * Takes the tenant's segment lock until the end of the transaction: nobody else writes assignments meanwhile. It comes
 * before every other lock the transaction takes, and its holder waits for no row that somebody else may hold, so two
 * writers never wait for each other in a ring.
 */
export const lockSegments = async (tx: TenantTx): Promise<void> => {
  await sql`select ${SETTINGS}, lock_segments(${tx.tenantId})`.execute(tx)
}

/** Takes the lock of one lane of a full pass: shared with the other lanes, alone in its own. */
const lockLane = async (tx: TenantTx, lane: Lane): Promise<void> => {
  await sql`select ${SETTINGS}, lock_segments_lane(${tx.tenantId}, ${lane})`.execute(tx)
}

/** Takes the lock that writing to a scope asks for. */
export const lockScope = (tx: TenantTx, scope: AssessmentScope): Promise<void> =>
  'lane' in scope ? lockLane(tx, scope.lane) : lockSegments(tx)

/**
 * The next stretch of at most `size` contacts of a lane after an id, in the order of ids: where it ends and how many it
 * holds; null when none are left.
 */
export const findNextStretch = async (
  tx: TenantTx,
  lane: Lane,
  after: number,
  size: number,
): Promise<(LaneStretch & { readonly count: number }) | null> => {
  const { rows } = await sql<{ up_to: number | null; count: number }>`
    select max(contact_id) as up_to, count(*)::integer as count from (
      select contact_id from contact_feature
      where tenant_id = ${tx.tenantId} and contact_id > ${after} and ${sql.raw(inLane('contact_id', lane))}
      order by contact_id limit ${size}) stretch`.execute(tx)
  const [found] = rows
  return found && found.up_to !== null ? { lane, after, upTo: found.up_to, count: found.count } : null
}

/** How many contacts of the tenant have features. */
export const countContactsWithFeatures = async (tx: TenantTx): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from contact_feature where tenant_id = ${tx.tenantId}`.execute(tx)
  return rows[0]?.count ?? 0
}

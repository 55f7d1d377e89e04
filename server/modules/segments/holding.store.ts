import { sql } from 'kysely'

import { SEGMENTS, type AssignmentSource, type Segment } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { bitOfSegment, columnOfSegment } from './rule-sql.store.ts'

/** One assignment that lasts, as it is stored. Instants are epoch ms. */
export interface StoredHolding {
  readonly segment: Segment
  readonly source: AssignmentSource
  readonly confidence: number
  readonly since: number
}

/** What one contact holds, and on what it was decided. */
export interface StoredAssignment {
  readonly contactId: number
  readonly primarySegment: Segment | null
  readonly holdings: readonly StoredHolding[]
  readonly ruleRevision: number
  /** Values of the features, in the order of feature.rules.ts. */
  readonly inputs: readonly number[]
  readonly assessedAt: number
}

type Column = Lowercase<Segment>
type AssignmentRow = Readonly<
  { contact_id: number; primary_segment: string | null; pinned: number; advised: number; rule_revision: number } & {
    inputs: readonly number[]
    assessed_at: Date
  } & Record<Column, number | null> &
    Record<`${Column}_since`, Date | null>
>

const assignmentFrom = (row: AssignmentRow): StoredAssignment => ({
  contactId: row.contact_id,
  primarySegment: row.primary_segment as Segment | null,
  holdings: SEGMENTS.flatMap((segment): StoredHolding[] => {
    const column = columnOfSegment(segment) as Column
    const confidence = row[column]
    const since = row[`${column}_since`]
    if (confidence === null || since === null) return []
    const bit = bitOfSegment(segment)
    const source = (row.pinned & bit) !== 0 ? 'manual' : (row.advised & bit) !== 0 ? 'ai' : 'rule'
    return [{ segment, source, confidence, since: since.getTime() }]
  }),
  ruleRevision: row.rule_revision,
  inputs: row.inputs,
  assessedAt: row.assessed_at.getTime(),
})

/** The stored assignments of these contacts; those that never held a segment have none. */
export const listAssignments = async (
  tx: TenantTx,
  contactIds: readonly number[],
): Promise<readonly StoredAssignment[]> => {
  if (contactIds.length === 0) return []
  const rows = await tx
    .selectFrom('segment_assignment')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', 'in', [...contactIds])
    .orderBy('contact_id')
    .execute()
  return rows.map((row) => assignmentFrom(row as AssignmentRow))
}

/** How many contacts hold exactly this set of segments with this primary one. */
export interface HoldingCount {
  readonly held: number
  readonly primary: Segment | null
  readonly count: number
}

/** Contacts per set of segments and primary segment. Sets are masks: see bitOfSegment. */
export const countHoldings = async (tx: TenantTx): Promise<readonly HoldingCount[]> => {
  const { rows } = await sql<HoldingCount>`
    select held, primary_segment as primary, count(*)::integer as count
    from segment_assignment where tenant_id = ${tx.tenantId} group by held, primary_segment`.execute(tx)
  return rows
}

/**
 * The next holders of a segment after an id, in the order of ids. A few hundred sets of segments occur at most: the
 * query hops from one to the next in the index and takes the first ids of those that matter.
 */
export const listHolderIds = async (
  tx: TenantTx,
  segment: Segment,
  page: { readonly primaryOnly: boolean; readonly after: number; readonly limit: number },
): Promise<readonly number[]> => {
  const isWanted = page.primaryOnly ? sql`a.primary_segment = ${segment}` : sql`true`
  const { rows } = await sql<{ contact_id: number }>`
    with recursive mask (held) as (
      (select min(held) from segment_assignment where tenant_id = ${tx.tenantId})
      union all
      select (select min(a.held) from segment_assignment a where a.tenant_id = ${tx.tenantId} and a.held > mask.held)
      from mask where mask.held is not null
    )
    select holder.contact_id from mask cross join lateral (
      select a.contact_id from segment_assignment a
      where a.tenant_id = ${tx.tenantId} and a.held = mask.held and a.contact_id > ${page.after} and ${isWanted}
      order by a.contact_id limit ${page.limit}) holder
    where mask.held & ${bitOfSegment(segment)} <> 0
    order by holder.contact_id limit ${page.limit}`.execute(tx)
  return rows.map((row) => row.contact_id)
}

/** An assignment that ended. */
export interface StoredInterval extends StoredHolding {
  readonly until: number
  readonly ruleRevision: number
  readonly inputs: readonly number[]
}

/** The ended assignments of a contact, those that ended last first. */
export const listEndedAssignments = async (
  tx: TenantTx,
  contactId: number,
  limit: number,
): Promise<readonly StoredInterval[]> => {
  const rows = await tx
    .selectFrom('segment_history')
    .select(['segment', 'source', 'confidence', 'since', 'until', 'rule_revision', 'inputs'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .orderBy('until', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    segment: row.segment as Segment,
    source: row.source as AssignmentSource,
    confidence: row.confidence,
    since: row.since.getTime(),
    until: row.until.getTime(),
    ruleRevision: row.rule_revision,
    inputs: row.inputs,
  }))
}

/** Whether anybody is in any segment. */
export const selectAnyHolder = async (tx: TenantTx): Promise<boolean> => {
  const row = await tx
    .selectFrom('segment_assignment')
    .select('contact_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('held', '<>', 0)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

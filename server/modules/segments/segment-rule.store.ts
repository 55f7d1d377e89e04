import { type Transaction, sql } from 'kysely'

import { SEGMENTS, type Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { DB } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { DEFAULT_SEGMENT_RULES } from './default-segment.rules.ts'
import {
  type Condition,
  DEFAULT_SEGMENT_PRIORITIES,
  type SegmentPriorities,
  type SegmentRule,
  type SegmentRules,
  forEachSegment,
} from './segment.rules.ts'

/** A stored version of a rule. */
export interface StoredSegmentRule extends SegmentRule {
  /** Tenant-wide count of rule changes at which this version came into force. */
  readonly revision: number
  readonly changedBy: string
  readonly createdAt: number
}

interface RuleRow {
  readonly segment: string
  readonly version: number
  readonly revision: number
  readonly enabled: boolean
  readonly conditions: unknown
  readonly base_confidence: number
  readonly changed_by: string
  readonly created_at: Date
}

const RULE_COLUMNS = [
  'segment',
  'version',
  'revision',
  'enabled',
  'conditions',
  'base_confidence',
  'changed_by',
  'created_at',
] as const

const ruleFrom = (row: RuleRow): StoredSegmentRule => ({
  segment: row.segment as Segment,
  version: row.version,
  revision: row.revision,
  enabled: row.enabled,
  conditions: row.conditions as readonly Condition[],
  baseConfidence: row.base_confidence,
  changedBy: row.changed_by,
  createdAt: row.created_at.getTime(),
})

/** Writes version 1 of every rule the tenant lacks; the others stay as they are. */
export const insertDefaultRules = async (tx: Transaction<DB>, tenantId: number, at: number): Promise<void> => {
  await tx
    .insertInto('segment_rule')
    .values(
      Object.values(DEFAULT_SEGMENT_RULES).map((rule) => ({
        tenant_id: tenantId,
        segment: rule.segment,
        version: rule.version,
        revision: 1,
        is_current: true,
        enabled: rule.enabled,
        conditions: JSON.stringify(rule.conditions),
        base_confidence: rule.baseConfidence,
        changed_by: 'system',
        created_at: toDate(at),
      })),
    )
    .onConflict((conflict) => conflict.columns(['tenant_id', 'segment', 'version']).doNothing())
    .execute()
}

/** The rules in force, in the order of the vocabulary; fewer than twelve when the tenant was never given any. */
export const listCurrentRules = async (tx: TenantTx): Promise<readonly StoredSegmentRule[]> => {
  const rows = await tx
    .selectFrom('segment_rule')
    .select(RULE_COLUMNS)
    .where('tenant_id', '=', tx.tenantId)
    .where('is_current', '=', true)
    .execute()
  return rows.map(ruleFrom).sort((a, b) => SEGMENTS.indexOf(a.segment) - SEGMENTS.indexOf(b.segment))
}

/** All versions of one rule, newest first. */
export const listRuleVersions = async (tx: TenantTx, segment: Segment): Promise<readonly StoredSegmentRule[]> => {
  const rows = await tx
    .selectFrom('segment_rule')
    .select(RULE_COLUMNS)
    .where('tenant_id', '=', tx.tenantId)
    .where('segment', '=', segment)
    .orderBy('version', 'desc')
    .execute()
  return rows.map(ruleFrom)
}

interface BookRow extends RuleRow {
  readonly priority: number | null
  readonly has_pins: boolean
  readonly has_opinions: boolean
}

const readBookRows = async (tx: TenantTx, at: number): Promise<readonly BookRow[]> => {
  const { rows } = await sql<BookRow>`
    select ${sql.join(RULE_COLUMNS.map((column) => sql.ref(`r.${column}`)))}, s.priority,
      exists (select from segment_pin p where p.tenant_id = ${tx.tenantId}) as has_pins,
      exists (select from segment_opinion o where o.tenant_id = ${tx.tenantId} and o.expires_at > ${toDate(at)})
        and exists (select from model_setting m where m.tenant_id = ${tx.tenantId} and m.mode <> 'off') as has_opinions
    from segment_rule r
    left join strategy s on s.tenant_id = r.tenant_id and s.segment = r.segment and s.is_current
    where r.tenant_id = ${tx.tenantId} and r.is_current`.execute(tx)
  return rows
}

/** Everything an assessment needs besides the features. */
export interface RuleBook {
  readonly rules: SegmentRules
  readonly revision: number
  readonly priorities: SegmentPriorities
  readonly hasPins: boolean
  /** A model's opinions count only while the tenant's model is on. */
  readonly hasOpinions: boolean
}

/**
 * The tenant's rules, the priorities of its strategies and whether it has pins and opinions. Tenants without rules of their own get
 * the default ones on the way. The strategy table belongs to a higher module: it is read here as the data by which the
 * loop closes, and missing rows fall back to the default priorities.
 */
export const readRuleBook = async (tx: TenantTx, at: number): Promise<RuleBook> => {
  let rows = await readBookRows(tx, at)
  if (rows.length < SEGMENTS.length) {
    await insertDefaultRules(tx, tx.tenantId, at)
    rows = await readBookRows(tx, at)
  }
  const bySegment = new Map(rows.map((row) => [row.segment, row]))
  const rowOf = (segment: Segment): BookRow => {
    const row = bySegment.get(segment)
    if (!row) throw new Error(`tenant ${tx.tenantId} has no current rule for ${segment}`)
    return row
  }
  return {
    rules: forEachSegment((segment) => ruleFrom(rowOf(segment))),
    revision: Math.max(...rows.map((row) => row.revision)),
    priorities: forEachSegment((segment) => rowOf(segment).priority ?? DEFAULT_SEGMENT_PRIORITIES[segment]),
    hasPins: rows[0]?.has_pins ?? false,
    hasOpinions: rows[0]?.has_opinions ?? false,
  }
}

/** Puts a new version of a rule in force. The caller holds the tenant's segment lock. */
export const insertRuleVersion = async (tx: TenantTx, rule: StoredSegmentRule): Promise<void> => {
  await tx
    .updateTable('segment_rule')
    .set({ is_current: false })
    .where('tenant_id', '=', tx.tenantId)
    .where('segment', '=', rule.segment)
    .where('is_current', '=', true)
    .execute()
  await tx
    .insertInto('segment_rule')
    .values({
      tenant_id: tx.tenantId,
      segment: rule.segment,
      version: rule.version,
      revision: rule.revision,
      is_current: true,
      enabled: rule.enabled,
      conditions: JSON.stringify(rule.conditions),
      base_confidence: rule.baseConfidence,
      changed_by: rule.changedBy,
      created_at: toDate(rule.createdAt),
    })
    .execute()
}

/** Tenants that may act. */
export const listActiveTenantIds = async (tx: OperatorTx): Promise<readonly number[]> => {
  const rows = await tx.selectFrom('tenant').select('id').where('state', '=', 'active').orderBy('id').execute()
  return rows.map((row) => row.id)
}

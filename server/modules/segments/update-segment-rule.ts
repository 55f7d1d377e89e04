import type { Transaction } from 'kysely'

import type { Segment } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { DB } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireFeature } from '#server/modules/billing/index.ts'

import { lockSegments } from './assessment.store.ts'
import { parseSegmentRule, requireSegment } from './segment-rule.rules.ts'
import {
  type StoredSegmentRule,
  insertDefaultRules,
  insertRuleVersion,
  listCurrentRules,
  listRuleVersions,
  readRuleBook,
} from './segment-rule.store.ts'

/** A wish to change a rule. `conditions`, `baseConfidence` and `enabled` may be anything: they are checked. */
export interface SegmentRuleChange {
  readonly segment: Segment
  readonly conditions: unknown
  readonly baseConfidence: unknown
  readonly enabled?: unknown
  /** The version the author looked at; a newer one in force is then a conflict instead of being overwritten. */
  readonly expectedVersion?: number
  readonly changedBy: string
  /** Epoch ms. */
  readonly now: number
}

/**
 * Puts a new version of one segment's rule in force; older versions stay readable. Assignments follow with the next
 * assessment of each contact: enqueue a recomputation in the same transaction. Takes the tenant's segment lock.
 * Errors: `invalid/segment_unknown`, `invalid/segment_rule_…` naming the field, `conflict/segment_rule_changed`, `limit_reached/package_feature`.
 */
export const updateSegmentRule = async (tx: TenantTx, change: SegmentRuleChange): Promise<StoredSegmentRule> => {
  const { segment, changedBy, now, expectedVersion } = change
  requireSegment(segment)
  await requireFeature(tx, { tier: 'crm', level: 'full' }, now)
  await lockSegments(tx)
  const { rules, revision } = await readRuleBook(tx, now)
  const content = parseSegmentRule(segment, change, rules)
  const { version } = rules[segment]
  if (expectedVersion !== undefined && expectedVersion !== version) {
    throw new AppError('conflict', 'segment_rule_changed', { segment, expected: expectedVersion, found: version })
  }
  const next = { segment, version: version + 1, revision: revision + 1, ...content, changedBy, createdAt: now }
  await insertRuleVersion(tx, next)
  return next
}

/**
 * Gives a tenant the twelve default rules; those it has stay. Harmless to repeat. Runs in the transaction that creates
 * the tenant, whatever its scope; `at` in epoch ms.
 */
export const seedSegmentRules = (tx: Transaction<DB>, tenantId: number, at: number): Promise<void> =>
  insertDefaultRules(tx, tenantId, at)

/** The rules in force, in the order of the vocabulary. */
export const listSegmentRules = (tx: TenantTx): Promise<readonly StoredSegmentRule[]> => listCurrentRules(tx)

/** All versions a segment's rule ever had, newest first. */
export const listSegmentRuleVersions = (tx: TenantTx, segment: Segment): Promise<readonly StoredSegmentRule[]> =>
  listRuleVersions(tx, segment)

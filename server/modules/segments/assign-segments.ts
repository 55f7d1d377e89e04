import type { Clock } from '#server/base/clock.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'

import { type AssessmentResult, type AssessmentScope, lockScope, writeAssessment } from './assessment.store.ts'
import { readRuleBook } from './segment-rule.store.ts'

/** What the use cases that own their transactions need. */
export interface SegmentDeps {
  readonly db: Db
  readonly clock: Clock
}

/** Contacts a micro-batch looks at: one statement of a few milliseconds, so the tenant's lock is held briefly. */
const ASSIGN_BATCH_SIZE = 500

/** Contacts named by one event: enough to be cheap, few enough for a listener to take in one transaction. */
const EVENT_BATCH_SIZE = 500

const cut = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/**
 * Computes the segments of a scope by the rules in force, writes what differs and tells who moved, all in the caller's
 * transaction. Takes the lock of the scope first.
 */
export const assessScope = async (tx: TenantTx, scope: AssessmentScope, now: number): Promise<AssessmentResult> => {
  await lockScope(tx, scope)
  const book = await readRuleBook(tx, now)
  const result = await writeAssessment(tx, { tenantId: tx.tenantId, scope, now, ...book })
  await emitEvents(
    tx,
    now,
    cut(result.movedIds, EVENT_BATCH_SIZE).map((contactIds) => ({ type: 'segment.changed', payload: { contactIds } })),
  )
  return result
}

export interface AssignmentSummary {
  /** Contacts looked at (recompute) or asked for (assign). */
  readonly assessed: number
  /** Assignments written because a confidence, the set or the primary segment differed. */
  readonly written: number
  /** Contacts whose set of segments or primary segment changed; each is named by a `segment.changed` event. */
  readonly moved: number
}

/**
 * Brings the segments of these contacts up to date, in micro-batches of 500, each a transaction of its own: the normal
 * path, called with the contacts an event touched. Writes only differences; unknown and repeated ids are harmless, so a
 * repetition after a crash is, too. Two calls at once for the same tenant take turns.
 */
export const assignSegments = async (
  deps: SegmentDeps,
  tenantId: number,
  contactIds: readonly number[],
): Promise<AssignmentSummary> => {
  const ids = [...new Set(contactIds)].sort((a, b) => a - b)
  let written = 0
  let moved = 0
  for (const batch of cut(ids, ASSIGN_BATCH_SIZE)) {
    const result = await inTenant(deps.db, tenantId, (tx) => assessScope(tx, { contactIds: batch }, deps.clock.now()))
    written += result.written
    moved += result.movedIds.length
  }
  return { assessed: ids.length, written, moved }
}

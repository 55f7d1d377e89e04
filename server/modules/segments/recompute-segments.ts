import { inTenant } from '#server/db/tenant-scope.ts'

import { countContactsWithFeatures, findNextRange } from './assessment.store.ts'
import { type AssignmentSummary, type SegmentDeps, assessScope } from './assign-segments.ts'

/** Contacts of one statement of a full pass: big enough to run at the speed of the set, small enough that others wait under a second. */
export const RECOMPUTE_CHUNK_SIZE = 50_000

export interface RecomputeOptions {
  /** Told after every chunk how many of how many contacts are done. */
  readonly onProgress?: (done: number, total: number) => void
  /** Stops after the running chunk; what is written stays, and a later pass does the rest. */
  readonly signal?: AbortSignal
  readonly chunkSize?: number
}

/**
 * Brings the segments of all contacts of a tenant up to date: after a change of rules or priorities, and regularly,
 * because scores fade and "seen within 3 days" ends by the passing of time alone. Set-based, a transaction per chunk, in
 * the order of ids; differences only. Two passes at once take turns chunk by chunk and end in the same result.
 */
export const recomputeSegments = async (
  deps: SegmentDeps,
  tenantId: number,
  options: RecomputeOptions = {},
): Promise<AssignmentSummary> => {
  const { onProgress, signal, chunkSize = RECOMPUTE_CHUNK_SIZE } = options
  const total = onProgress ? await inTenant(deps.db, tenantId, countContactsWithFeatures) : 0
  const sum = { assessed: 0, written: 0, moved: 0 }
  let after = 0
  for (;;) {
    if (signal?.aborted) break
    const chunk = await inTenant(deps.db, tenantId, async (tx) => {
      const range = await findNextRange(tx, after, chunkSize)
      return range && { ...range, ...(await assessScope(tx, { after, upTo: range.upTo }, deps.clock.now())) }
    })
    if (!chunk) break
    after = chunk.upTo
    sum.assessed += chunk.count
    sum.written += chunk.written
    sum.moved += chunk.movedIds.length
    onProgress?.(sum.assessed, Math.max(total, sum.assessed))
  }
  return sum
}

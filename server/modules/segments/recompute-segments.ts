import { inTenant } from '#server/db/tenant-scope.ts'

import { LANES, type Lane, countContactsWithFeatures, findNextStretch } from './assessment.store.ts'
import { type AssignmentSummary, type SegmentDeps, assessScope } from './assign-segments.ts'

/**
 * Contacts of one statement of a full pass: enough to run at the speed of the set, few enough that a micro-batch waits
 * for the lock well under a second.
 */
const RECOMPUTE_CHUNK_SIZE = 50_000

export interface RecomputeOptions {
  /** Told after every chunk how many of how many contacts are done. */
  readonly onProgress?: (done: number, total: number) => void
  /** Stops after the running chunks; what is written stays, and a later pass does the rest. */
  readonly signal?: AbortSignal
  readonly chunkSize?: number
}

/**
 * Brings the segments of all contacts of a tenant up to date: after a change of rules or priorities, and regularly,
 * because scores fade and "seen within 3 days" ends by the passing of time alone. Set-based, a transaction per chunk, in
 * two lanes with a connection each; differences only. Two passes at once take turns chunk by chunk in each lane and end
 * in the same result. Fails with the first lane that does; what was written stays and is right.
 */
export const recomputeSegments = async (
  deps: SegmentDeps,
  tenantId: number,
  options: RecomputeOptions = {},
): Promise<AssignmentSummary> => {
  const { onProgress, signal, chunkSize = RECOMPUTE_CHUNK_SIZE } = options
  const total = onProgress ? await inTenant(deps.db, tenantId, countContactsWithFeatures) : 0
  const sum = { assessed: 0, written: 0, moved: 0 }
  let hasFailed = false
  const runLane = async (lane: Lane): Promise<void> => {
    let after = 0
    for (;;) {
      if (hasFailed || signal?.aborted) return
      const from = after
      const chunk = await inTenant(deps.db, tenantId, async (tx) => {
        const stretch = await findNextStretch(tx, lane, from, chunkSize)
        return stretch && { ...stretch, ...(await assessScope(tx, stretch, deps.clock.now())) }
      })
      if (!chunk) return
      after = chunk.upTo
      sum.assessed += chunk.count
      sum.written += chunk.written
      sum.moved += chunk.movedIds.length
      onProgress?.(sum.assessed, Math.max(total, sum.assessed))
    }
  }
  const lanes = await Promise.allSettled(
    LANES.map((lane) =>
      runLane(lane).catch((error: unknown) => {
        hasFailed = true
        throw error
      }),
    ),
  )
  const failed = lanes.find((lane) => lane.status === 'rejected')
  if (failed) throw failed.reason
  return sum
}

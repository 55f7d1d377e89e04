import { asOperator } from '#server/db/tenant-scope.ts'

import type { SegmentDeps } from './assign-segments.ts'
import { recomputeSegments } from './recompute-segments.ts'
import { listActiveTenantIds } from './segment-rule.store.ts'

export interface SweepOptions {
  /** Told after every tenant how many of how many are done. */
  readonly onProgress?: (done: number, total: number) => void
  /** Stops after the running chunk; the next sweep does the rest. */
  readonly signal?: AbortSignal
}

/**
 * Recomputes the segments of every active tenant, one after the other: scores fade and "seen within 3 days" ends without
 * any event. Meant to run hourly: what did not change costs a read. Returns how many tenants were done and contacts moved.
 */
export const sweepSegments = async (
  deps: SegmentDeps,
  options: SweepOptions = {},
): Promise<{ readonly tenants: number; readonly moved: number }> => {
  const tenantIds = await asOperator(deps.db, 'segment sweep', listActiveTenantIds)
  let tenants = 0
  let moved = 0
  for (const tenantId of tenantIds) {
    if (options.signal?.aborted) break
    const summary = await recomputeSegments(deps, tenantId, options.signal ? { signal: options.signal } : {})
    tenants += 1
    moved += summary.moved
    options.onProgress?.(tenants, tenantIds.length)
  }
  return { tenants, moved }
}

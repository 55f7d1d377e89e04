import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { requireDepth } from './require-depth.ts'
import { type SegmentPerformance, compareSegments } from './segment-performance.rules.ts'
import { countOutcomes } from './segment-performance.store.ts'

/**
 * How each of the twelve segments answered to what it was sent in [since, until), epoch ms; the best proven first. Counts
 * recorded outcomes alone, nothing is estimated. Beyond 30 days it takes advanced analytics, beyond 90 premium. Errors: `invalid/period_empty`,
 * `limit_reached/package_feature`.
 */
export const reportSegments = async (
  tx: TenantTx,
  period: { readonly since: number; readonly until: number },
): Promise<readonly SegmentPerformance[]> => {
  if (!(period.since < period.until)) throw invalid('period_empty', 'since')
  await requireDepth(tx, period)
  return compareSegments(await countOutcomes(tx, period.since, period.until))
}

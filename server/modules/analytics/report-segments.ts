import { invalid } from '#server/base/errors.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireFeature } from '#server/modules/billing/index.ts'

import { type SegmentPerformance, compareSegments } from './segment-performance.rules.ts'
import { countOutcomes } from './segment-performance.store.ts'

/** How far back each level of analytics looks, the deepest first; up to the last of these every package may. */
const DEPTHS = [
  { days: 90, level: 'premium' },
  { days: 30, level: 'advanced' },
] as const
/** A period that ends now, or at the end of its last day, is as long as its days. */
const SLACK_MS = 25 * HOUR_MS

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
  const lengthMs = period.until - period.since
  const depth = DEPTHS.find(({ days }) => lengthMs > days * DAY_MS + SLACK_MS)
  if (depth) await requireFeature(tx, { tier: 'analytics', level: depth.level }, period.until)
  return compareSegments(await countOutcomes(tx, period.since, period.until))
}

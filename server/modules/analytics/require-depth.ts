import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireFeature } from '#server/modules/billing/index.ts'

/** How far back each level of analytics looks, the deepest first; up to the last of these every package may. */
const DEPTHS = [
  { days: 90, level: 'premium' },
  { days: 30, level: 'advanced' },
] as const
/** A period that ends now, or at the end of its last day, is as long as its days. */
const SLACK_MS = 25 * HOUR_MS

/**
 * Lets a report look back over [since, until), epoch ms: beyond 30 days it takes advanced analytics, beyond 90 premium.
 * Errors: `limit_reached/package_feature`.
 */
export const requireDepth = async (
  tx: TenantTx,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<void> => {
  const depth = DEPTHS.find(({ days }) => until - since > days * DAY_MS + SLACK_MS)
  if (depth) await requireFeature(tx, { tier: 'analytics', level: depth.level }, until)
}

import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { ACTS } from './referral.rules.ts'
import { countArrived, findReferralSettings, lapseReferrals } from './referral.store.ts'

/** Newcomers counted in one transaction; the rest waits for the next. */
const LIMIT = 500

/**
 * Gives points for newcomers who stayed and acted, of one person or of all, and ends the wait for those who did not within
 * the tenant's days. Nothing happens while the tenant rewards nobody. Returns how many counted.
 */
export const settleReferrals = async (
  tx: TenantTx,
  { at, referrerId = null }: { readonly at: number; readonly referrerId?: number | null },
): Promise<number> => {
  const { isOn, pointsPerPerson: points, waitDays } = await findReferralSettings(tx)
  if (!isOn) return 0
  const counted = await countArrived(tx, { points, ...ACTS, limit: LIMIT, referrerId, at })
  await lapseReferrals(tx, at - waitDays * DAY_MS, at)
  return counted
}

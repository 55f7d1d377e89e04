import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type DayFigures, fillDays } from './daily-figures.rules.ts'
import { countDays } from './daily-figures.store.ts'
import { lastDays } from './report-period.ts'

/**
 * The last `days` (1–90) days of the tenant's calendar up to now, oldest first, the last one being today so far. Counts
 * what is recorded, nothing is estimated. Errors: `invalid/whole_number_expected`.
 */
export const reportDays = async (
  tx: TenantTx,
  wanted: { readonly days: number; readonly now: number },
): Promise<readonly DayFigures[]> => {
  const { days, ...period } = await lastDays(tx, wanted)
  return fillDays(days, await countDays(tx, period))
}

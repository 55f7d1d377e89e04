import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { zoneOffsetMs } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import { type DayFigures, fillDays } from './daily-figures.rules.ts'
import { countDays } from './daily-figures.store.ts'

const DAYS_MAX = 90

/**
 * The last `days` (1–90) days of the tenant's calendar up to now, oldest first, the last one being today so far. Counts
 * what is recorded, nothing is estimated. Errors: `invalid/whole_number_expected`.
 */
export const reportDays = async (
  tx: TenantTx,
  { days, now }: { readonly days: number; readonly now: number },
): Promise<readonly DayFigures[]> => {
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
    throw invalid('whole_number_expected', 'days', { given: String(days), min: 1, max: DAYS_MAX })
  const { timeZone } = await getOwnTenant(tx)
  const offsetMs = zoneOffsetMs(now, timeZone)
  const today = Math.floor((now + offsetMs) / DAY_MS)
  const names = Array.from({ length: days }, (_, i) => dayName(today - days + 1 + i))
  // A day early: at a change of summer time a day begins an hour sooner.
  const since = (today - days) * DAY_MS - offsetMs
  return fillDays(names, await countDays(tx, { since, until: now + 1, timeZone }))
}

const dayName = (day: number): string => toIso(day * DAY_MS)
const toIso = (at: number): string => toDate(at).toISOString().slice(0, 10)

import { parseInstant, toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { instantOfLocal, localDay } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

const DAYS_MAX = 90

/** Whole days of the tenant's calendar, the last being the one that `until` is in. */
export interface ReportPeriod {
  /** Epoch ms of the first day's beginning. */
  readonly since: number
  /** Epoch ms; not part of it. */
  readonly until: number
  readonly timeZone: string
  /** `YYYY-MM-DD`, oldest first. */
  readonly days: readonly string[]
}

/** The day so many days before one, both `YYYY-MM-DD`. */
const dayBefore = (day: string, days: number): string =>
  toDate((parseInstant(`${day}T00:00:00Z`) ?? 0) - days * DAY_MS)
    .toISOString()
    .slice(0, 10)

/** The last `days` (1–90) days of the tenant's calendar up to and with `now`. Errors: `invalid/whole_number_expected`. */
export const lastDays = async (
  tx: TenantTx,
  { days, now }: { readonly days: number; readonly now: number },
): Promise<ReportPeriod> => {
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
    throw invalid('whole_number_expected', 'days', { given: String(days), min: 1, max: DAYS_MAX })
  const { timeZone } = await getOwnTenant(tx)
  const today = localDay(now, timeZone)
  const names = Array.from({ length: days }, (_, i) => dayBefore(today, days - 1 - i))
  return { since: instantOfLocal(names[0] ?? today, 0, timeZone), until: now + 1, timeZone, days: names }
}

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'

/** No strategy, model or member can exceed these: at most 5 commercial messages a day and 2 hours apart. */
export const HARD_DAILY_MAX = 5
export const HARD_GAP_MS = 2 * HOUR_MS

/** A young account earns trust: 100 commercial messages on its first day, twice as many each day, free after a week. */
export const warmUpDailyMax = (accountAgeMs: number): number | null => {
  const days = Math.floor(Math.max(0, accountAgeMs) / DAY_MS)
  return days >= 7 ? null : 100 * 2 ** days
}

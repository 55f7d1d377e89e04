import type { Clock } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { AppError } from '#server/base/errors.ts'

/** How often pages may be asked for: by one address, with one link's cookie, and to open links. */
export const PAGE_LIMITS = {
  address: { max: 300, perMs: MINUTE_MS },
  opening: { max: 20, perMs: MINUTE_MS },
  visit: { max: 120, perMs: MINUTE_MS },
  form: { max: 30, perMs: MINUTE_MS },
} as const
export type PageLimit = keyof typeof PAGE_LIMITS

export interface PageLimits {
  /** Errors: `rate_limited/page_rate` with the seconds to wait. */
  take(limit: PageLimit, who: string): void
}

/** Windows that are over are forgotten when so many have gathered. */
const KEPT_MAX = 10_000

/** Counts in windows, in this process: a bound on hammering, beside the limits that are kept in the database. */
export const createPageLimits = (clock: Pick<Clock, 'now'>): PageLimits => {
  const windows = new Map<string, { readonly endsAt: number; taken: number }>()
  return {
    take(limit, who) {
      const now = clock.now()
      const { max, perMs } = PAGE_LIMITS[limit]
      const key = `${limit} ${who}`
      const known = windows.get(key)
      const window = known !== undefined && now < known.endsAt ? known : { endsAt: now + perMs, taken: 0 }
      if (window !== known) {
        if (windows.size >= KEPT_MAX) for (const [old, { endsAt }] of windows) if (endsAt <= now) windows.delete(old)
        windows.set(key, window)
      }
      window.taken += 1
      if (window.taken > max) {
        throw new AppError('rate_limited', 'page_rate', { seconds: Math.ceil((window.endsAt - now) / 1_000) })
      }
    },
  }
}

/**
 * How full a rolling window is. `oldest` are the earliest reservations still inside it, ascending; it may hold fewer
 * than `count`, but always enough of the earliest to say when the next slots come free.
 */
export interface WindowUsage {
  readonly count: number
  readonly oldest: readonly number[]
}

export const EMPTY_USAGE: WindowUsage = { count: 0, oldest: [] }

/**
 * The usage of every window that holds `now`, for these reservation instants in any order. Instants after `now` count:
 * another process, or another account that waited less for the lock, may have reserved at a later instant already.
 */
export const usageOf = (instants: readonly number[], windowMs: number, now: number): WindowUsage => {
  const inside = instants.filter((at) => at > now - windowMs).sort((a, b) => a - b)
  return { count: inside.length, oldest: inside }
}

/** The same window after one more reservation at `now`. */
export const withReservation = (usage: WindowUsage, now: number): WindowUsage => ({
  count: usage.count + 1,
  // Later instants than the ones kept are never the first to come free, so a truncated list stays as it is.
  oldest: usage.oldest.length === usage.count ? [...usage.oldest, now] : usage.oldest,
})

/**
 * When a full window has a free slot for the caller who is `waiting` places behind the head of the line; null when a
 * slot is free now. Each freed slot is taken by the one ahead and held for a whole window, so the line moves in rounds.
 */
export const freeAt = (usage: WindowUsage, max: number, windowMs: number, now: number, waiting = 0): number | null => {
  if (usage.count < max) return null
  if (max === 0) return Number.POSITIVE_INFINITY
  const ahead = usage.count - max + waiting
  const rounds = Math.floor(ahead / Math.max(1, usage.count))
  const slot = usage.oldest[Math.min(ahead % Math.max(1, usage.count), usage.oldest.length - 1)] ?? now
  return slot + windowMs * (rounds + 1)
}

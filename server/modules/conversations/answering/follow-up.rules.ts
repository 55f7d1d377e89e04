import { HOUR_MS } from '#server/base/duration.ts'

/** Hours of silence after which a contact is reminded: no more than so often, and within the day they wrote in. */
const AFTER_HOURS = [4, 20] as const
const WINDOW_MS = 24 * HOUR_MS

export interface FollowUp {
  readonly number: number
  readonly dueAt: number
}

/**
 * The reminder after so many, for a contact who wrote last at `askedAt`: moved out of quiet hours, and never later than a
 * day after what they wrote. Null for none. `quietUntil` gives the end of quiet hours, or null outside them. Total.
 */
export const nextFollowUp = (
  done: number,
  askedAt: number,
  quietUntil: (at: number) => number | null,
): FollowUp | null => {
  const hours = AFTER_HOURS[done]
  if (hours === undefined) return null
  const wanted = askedAt + hours * HOUR_MS
  const dueAt = quietUntil(wanted) ?? wanted
  return dueAt < askedAt + WINDOW_MS ? { number: done + 1, dueAt } : null
}

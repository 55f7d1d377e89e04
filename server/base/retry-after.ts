import { parseHttpDate } from './clock.ts'
import { SECOND_MS } from './duration.ts'

/**
 * The wait that a header `Retry-After` (RFC 9110 §10.2.3) asks for: whole or broken seconds, or a date; in ms from `now`,
 * 0 for a date that has passed. Null for what says neither.
 */
export const parseRetryAfter = (given: string, now: number): number | null => {
  const text = given.trim()
  const ms = /^\d{1,15}(?:[.]\d+)?$/.test(text) ? Number(text) * SECOND_MS : (parseHttpDate(text) ?? Number.NaN) - now
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : null
}

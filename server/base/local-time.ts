import { parseInstant, toDate } from './clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from './duration.ts'
import { invalid } from './errors.ts'

/** Offsets of UTC change on quarter hours at the earliest, so one answer serves a quarter. */
const OFFSET_STEP_MS = 15 * MINUTE_MS

interface Zone {
  readonly format: Intl.DateTimeFormat
  step: number
  offsetMs: number
}

const zones = new Map<string, Zone>()

const zoneOf = (timeZone: string): Zone => {
  let zone = zones.get(timeZone)
  if (!zone) {
    let format
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    } catch {
      throw invalid('time_zone_unknown', 'timeZone', { value: timeZone.slice(0, 60) })
    }
    zone = { format, step: Number.NaN, offsetMs: 0 }
    zones.set(timeZone, zone)
  }
  return zone
}

/** Whether the machine knows this IANA time zone. */
export const isTimeZone = (timeZone: string): boolean => {
  try {
    return zoneOf(timeZone) !== undefined
  } catch {
    return false
  }
}

/** Milliseconds to add to UTC for the wall clock of `timeZone` (IANA name) at instant `at`. Throws `invalid/time_zone_unknown`. */
export const zoneOffsetMs = (at: number, timeZone: string): number => {
  const zone = zoneOf(timeZone)
  const step = Math.floor(at / OFFSET_STEP_MS)
  if (zone.step !== step) {
    const name = zone.format.formatToParts(step * OFFSET_STEP_MS).find((p) => p.type === 'timeZoneName')?.value ?? 'GMT'
    const match = /GMT([+-])(\d{2}):?(\d{2})/.exec(name)
    const minutes = match ? Number(match[2]) * 60 + Number(match[3]) : 0
    zone.offsetMs = (match?.[1] === '-' ? -minutes : minutes) * MINUTE_MS
    zone.step = step
  }
  return zone.offsetMs
}

/** Wall-clock hour 0–23 at `at`. */
export const localHour = (at: number, timeZone: string): number =>
  Math.floor((at + zoneOffsetMs(at, timeZone)) / HOUR_MS) % 24

/** ISO weekday 1 (Monday) – 7 at `at`. Day 0 of the epoch is a Thursday. */
export const localWeekday = (at: number, timeZone: string): number =>
  ((Math.floor((at + zoneOffsetMs(at, timeZone)) / DAY_MS) + 3) % 7) + 1

/** Calendar day `YYYY-MM-DD` at `at`. */
export const localDay = (at: number, timeZone: string): string =>
  toDate(at + zoneOffsetMs(at, timeZone))
    .toISOString()
    .slice(0, 10)

/** The first instant ≥ `at` whose local hour satisfies `allowed`: `at` itself or the start of a later hour; null within no 48 h. */
export const nextAllowedHour = (at: number, timeZone: string, allowed: (hour: number) => boolean): number | null => {
  if (allowed(localHour(at, timeZone))) return at
  // Quarter steps, since an offset may change inside an hour.
  let candidate = Math.ceil((at + 1) / OFFSET_STEP_MS) * OFFSET_STEP_MS
  for (const end = at + 2 * DAY_MS; candidate <= end; candidate += OFFSET_STEP_MS) {
    if (allowed(localHour(candidate, timeZone))) return candidate
  }
  return null
}

/** Midnight UTC of a day; NaN for what is no day. */
const dawnOf = (day: string): number => parseInstant(`${day}T00:00:00Z`) ?? Number.NaN

/** Whether this is a day of the calendar as `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? dawnOf(text) : Number.NaN
  return !Number.isNaN(at) && toDate(at).toISOString().slice(0, 10) === text
}

/** The day after a day, both `YYYY-MM-DD`. */
export const dayAfter = (day: string): string =>
  toDate(dawnOf(day) + DAY_MS)
    .toISOString()
    .slice(0, 10)

/** ISO weekday 1 (Monday) – 7 of a day `YYYY-MM-DD`. */
export const weekdayOfDay = (day: string): number => localWeekday(dawnOf(day), 'UTC')

/**
 * The instant at which the wall clock of `timeZone` shows `minutes` after midnight of `day` (`YYYY-MM-DD`): the first of
 * two where the clock is set back, and, where it is set forward over that time, as much later as the clock jumps.
 * Throws `invalid/time_zone_unknown`.
 */
export const instantOfLocal = (day: string, minutes: number, timeZone: string): number => {
  const shown = dawnOf(day) + minutes * MINUTE_MS
  const before = zoneOffsetMs(shown - DAY_MS, timeZone)
  const after = zoneOffsetMs(shown + DAY_MS, timeZone)
  const fitting = [before, after]
    .map((offset) => shown - offset)
    .filter((at) => at + zoneOffsetMs(at, timeZone) === shown)
  return fitting.length > 0 ? Math.min(...fitting) : shown - before
}

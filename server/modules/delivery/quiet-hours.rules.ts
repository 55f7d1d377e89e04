import { isTimeZone, localHour, nextAllowedHour } from '#server/base/local-time.ts'

/** Until this hour a contact who opted in to night hours may be written to. */
const NIGHT_ENDS_HOUR = 2

export interface QuietHours {
  /** No commercial message from this local hour on … */
  readonly fromHour: number
  /** … until this one. */
  readonly toHour: number
  readonly nightConsent: boolean
}

const isBetween = (hour: number, from: number, to: number) =>
  from === to ? false : from < to ? hour >= from && hour < to : hour >= from || hour < to

/** Whether a commercial message may arrive in this local hour (0–23). Night consent opens the evening until 02:00. */
export const isHourAllowed = (hour: number, quiet: QuietHours): boolean =>
  !isBetween(hour, quiet.fromHour, quiet.toHour) ||
  (quiet.nightConsent && isBetween(hour, quiet.fromHour, NIGHT_ENDS_HOUR))

/**
 * Null when `at` is allowed, else the next allowed instant; infinity when no hour of the day is, and for a time zone
 * nobody knows: whose hour cannot be told is never woken.
 */
export const quietUntil = (at: number, timeZone: string, quiet: QuietHours): number | null => {
  if (!isTimeZone(timeZone)) return Number.POSITIVE_INFINITY
  if (isHourAllowed(localHour(at, timeZone), quiet)) return null
  return nextAllowedHour(at, timeZone, (hour) => isHourAllowed(hour, quiet)) ?? Number.POSITIVE_INFINITY
}

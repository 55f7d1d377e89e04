import { DAY_MS } from '#server/base/duration.ts'
import { localDay } from '#server/base/local-time.ts'

import { type FaultAlert, type FaultState, faultStateOf } from './fault.rules.ts'

export const ERROR_CATEGORIES = ['fault', 'message', 'update', 'event'] as const
/** Faults of the server, messages that failed, updates and events that were put aside. */
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number]

/** What is alike, on one day (UTC). Instants are epoch ms. */
export interface ErrorDay {
  readonly key: string
  /** `2026-06-01`. */
  readonly on: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** What is alike, as one line. Instants are epoch ms. */
export interface ErrorGroup {
  readonly category: ErrorCategory
  /** Cause, reason, kind of update, or listener. */
  readonly key: string
  /** Only faults come to an end; what is put aside is open until it was replayed. */
  readonly state: FaultState
  readonly params: FaultAlert['params']
  /** Of a fault, looks in which it was seen; else how many. */
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** How many on each of the days asked for, oldest first. */
  readonly perDay: readonly number[]
  readonly resolution: FaultAlert['resolution']
}

/** The UTC days that end with the one of `at`, oldest first: `2026-06-01`. */
export const daysUntil = (at: number, days: number): readonly string[] =>
  Array.from({ length: days }, (_, i) => localDay(at - (days - 1 - i) * DAY_MS, 'UTC'))

const perDayOf = (days: readonly string[], rows: readonly Pick<ErrorDay, 'on' | 'count'>[]): readonly number[] =>
  days.map((day) => rows.filter(({ on }) => on === day).reduce((sum, { count }) => sum + count, 0))

/** Rows of days, alike together, the most first. Pure. */
export const groupDays = (
  category: Exclude<ErrorCategory, 'fault'>,
  rows: readonly ErrorDay[],
  days: readonly string[],
): readonly ErrorGroup[] =>
  [...Map.groupBy(rows, ({ key }) => key)]
    .map(([key, alike]) => ({
      category,
      key,
      state: 'open' as const,
      params: {},
      count: alike.reduce((sum, { count }) => sum + count, 0),
      firstAt: Math.min(...alike.map(({ firstAt }) => firstAt)),
      lastAt: Math.max(...alike.map(({ lastAt }) => lastAt)),
      perDay: perDayOf(days, alike),
      resolution: null,
    }))
    .toSorted((a, b) => b.count - a.count)

/** An alert as a line. Pure. */
export const groupOfAlert = (
  alert: FaultAlert,
  rows: readonly Pick<ErrorDay, 'key' | 'on' | 'count'>[],
  days: readonly string[],
): ErrorGroup => ({
  category: 'fault',
  key: alert.cause,
  state: faultStateOf(alert),
  params: alert.params,
  count: alert.seenCount,
  firstAt: alert.firstSeenAt,
  lastAt: alert.lastSeenAt,
  perDay: perDayOf(
    days,
    rows.filter(({ key }) => key === alert.cause),
  ),
  resolution: alert.resolution,
})

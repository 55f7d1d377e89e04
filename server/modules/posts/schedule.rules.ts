import { z } from 'zod'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'
import { dayAfter, instantOfLocal, localDay, weekdayOfDay } from '#server/base/local-time.ts'

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/
const times = z.array(z.string().regex(TIME)).min(1).max(24)

/** When something is posted. Times are of the tenant's wall clock, weekdays ISO numbers from Monday. */
export const scheduleShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('every'), hours: z.int().min(1).max(168) }),
  z.strictObject({ kind: z.literal('daily'), times }),
  z.strictObject({ kind: z.literal('weekly'), weekdays: z.array(z.int().min(1).max(7)).min(1).max(7), times }),
])
export type PostSchedule = z.infer<typeof scheduleShape>

/** A schedule with its bounds. */
export interface PostCalendar {
  readonly schedule: PostSchedule
  /** Days `YYYY-MM-DD` in `timeZone`, both included. */
  readonly startsOn: string
  readonly endsOn: string | null
  /** From where the hours of `every` are counted; epoch ms. */
  readonly anchorAt: number
  readonly timeZone: string
}

/** A schedule as it may be kept: times and weekdays each once and in order. Errors: `invalid/post_schedule`. */
export const checkSchedule = (given: unknown): PostSchedule => {
  const parsed = scheduleShape.safeParse(given)
  if (!parsed.success) throw invalid('post_schedule', parsed.error.issues[0]?.path.map(String).join('.') || 'schedule')
  const { data } = parsed
  if (data.kind === 'every') return data
  const sorted = [...new Set(data.times)].sort()
  return data.kind === 'daily'
    ? { ...data, times: sorted }
    : { ...data, times: sorted, weekdays: [...new Set(data.weekdays)].sort((a, b) => a - b) }
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** A week and a day: the longest stretch between two slots of `weekly`, whatever the clock does. */
const SEARCH_DAYS = 9

/**
 * The first slot after `after`, or null when there is none. A wall-clock time that the clock skips falls as much later as
 * it jumps, one that it shows twice counts once. Pure; slots rise strictly.
 */
export const nextSlotAfter = (calendar: PostCalendar, after: number): number | null => {
  const { schedule, startsOn, endsOn, anchorAt, timeZone } = calendar
  const opensAt = instantOfLocal(startsOn, 0, timeZone)
  const closesAt = endsOn === null ? Number.POSITIVE_INFINITY : instantOfLocal(dayAfter(endsOn), 0, timeZone)
  const within = (at: number): number | null => (at < closesAt ? at : null)
  if (schedule.kind === 'every') {
    const step = schedule.hours * HOUR_MS
    const first = Math.max(anchorAt, opensAt)
    return within(after < first ? first : first + (Math.floor((after - first) / step) + 1) * step)
  }
  let day = localDay(Math.max(after, opensAt), timeZone)
  for (let n = 0; n <= SEARCH_DAYS; n += 1, day = dayAfter(day)) {
    if (schedule.kind === 'weekly' && !schedule.weekdays.includes(weekdayOfDay(day))) continue
    const slot = schedule.times
      .map((time) => instantOfLocal(day, minutesOf(time), timeZone))
      .filter((at) => at > after && at >= opensAt)
      .sort((a, b) => a - b)[0]
    if (slot !== undefined) return within(slot)
  }
  return null
}

/** The next `count` slots after `after`. */
export const nextSlots = (calendar: PostCalendar, after: number, count: number): readonly number[] => {
  const slots: number[] = []
  for (let at: number | null = after; slots.length < count;) {
    at = nextSlotAfter(calendar, at)
    if (at === null) break
    slots.push(at)
  }
  return slots
}

/** Slots that passed while nobody worked: the newest counts, so many before it do not. */
export interface DueSlot {
  readonly slotAt: number
  readonly skipped: number
  /** The one that comes next; null when that was the last. */
  readonly nextAt: number | null
}

/** More slots than this in one stretch are not counted: an outage of months is told as at least that many. */
const SKIPPED_MAX = 500

/** Of the slots from `firstAt` on that are due at `now`, the newest. Null when none is due. */
export const dueSlot = (calendar: PostCalendar, firstAt: number, now: number): DueSlot | null => {
  if (firstAt > now) return null
  let slotAt = firstAt
  let skipped = 0
  for (;;) {
    const next = nextSlotAfter(calendar, slotAt)
    if (next === null || next > now) return { slotAt, skipped, nextAt: next }
    // A jump to the last days leaves out slots that nobody counts one by one any more.
    const late = skipped < SKIPPED_MAX ? null : nextSlotAfter(calendar, Math.max(slotAt, now - SEARCH_DAYS * DAY_MS))
    slotAt = late !== null && late <= now ? late : next
    skipped += 1
  }
}

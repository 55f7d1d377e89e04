import { MINUTE_MS } from '#server/base/duration.ts'
import { localDay, localHour } from '#server/base/local-time.ts'

/** One wall-clock hour of one calendar day, as a stretch of real time: [startAt, endAt), epoch ms. */
export interface LocalSlot {
  readonly startAt: number
  readonly endAt: number
  /** 0–23. */
  readonly hour: number
  /** `YYYY-MM-DD`. */
  readonly day: string
}

/** Wall clocks are set forward and back on quarter hours. */
const STEP_MS = 15 * MINUTE_MS

/**
 * The local hours between two instants, in order and without gap. Where clocks go back an hour lasts twice as long;
 * where they go forward one is missing. Throws `invalid/time_zone_unknown`.
 */
export const localSlots = (from: number, until: number, timeZone: string): readonly LocalSlot[] => {
  const slots: { startAt: number; endAt: number; hour: number; day: string }[] = []
  for (let at = from; at < until; at = Math.floor(at / STEP_MS) * STEP_MS + STEP_MS) {
    const hour = localHour(at, timeZone)
    const day = localDay(at, timeZone)
    const endAt = Math.min(Math.floor(at / STEP_MS) * STEP_MS + STEP_MS, until)
    const last = slots.at(-1)
    if (last && last.hour === hour && last.day === day) last.endAt = endAt
    else slots.push({ startAt: at, endAt, hour, day })
  }
  return slots
}

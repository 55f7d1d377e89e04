import { DAY_MS } from '#server/base/duration.ts'
import { zoneOffsetMs } from '#server/base/local-time.ts'

/** 2013-08-01: Telegram opened that month, nobody was seen there before. */
const TELEGRAM_BIRTH = 1_375_315_200_000

/** Whether somebody can have been seen on Telegram at `at` (epoch ms); a day ahead is forgiven to wrong clocks. */
export const isPlausibleInstant = (at: number, now: number): boolean =>
  Number.isFinite(at) && at >= TELEGRAM_BIRTH && at <= now + DAY_MS

/** The instant at which clocks in `timeZone` show this wall time, given as if it were UTC. All in epoch ms. */
export const instantOfWallTime = (wallTime: number, timeZone: string): number =>
  wallTime - zoneOffsetMs(wallTime - zoneOffsetMs(wallTime, timeZone), timeZone)

import type { Clock } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { zoneOffsetMs } from '#server/base/local-time.ts'
import type { Db } from '#server/db/pool.ts'

/** How far an import has come; `done` and `total` are bytes of the file. */
export interface ImportProgress {
  /** The file is read once to check it whole and once to write it. */
  readonly phase: 'checking' | 'writing'
  readonly done: number
  readonly total: number
}

/** What an import needs: it owns its transactions, one per batch. */
export interface ImportDeps {
  readonly db: Db
  readonly clock: Clock
  readonly onProgress?: (progress: ImportProgress) => void
}

/** 2013-08-01: Telegram opened that month, nobody was seen there before. */
const TELEGRAM_BIRTH = 1_375_315_200_000

/** Whether somebody can have been seen on Telegram at `at` (epoch ms); a day ahead is forgiven to wrong clocks. */
export const isPlausibleInstant = (at: number, now: number): boolean =>
  Number.isFinite(at) && at >= TELEGRAM_BIRTH && at <= now + DAY_MS

/** The instant at which clocks in `timeZone` show this wall time, given as if it were UTC. All in epoch ms. */
export const instantOfWallTime = (wallTime: number, timeZone: string): number =>
  wallTime - zoneOffsetMs(wallTime - zoneOffsetMs(wallTime, timeZone), timeZone)

import { SECOND_MS } from '#server/base/duration.ts'

import { FULL_PER_SECOND } from '../effective-pace.rules.ts'

/** Sends per second of one account, and how many may leave together. */
export interface Pace {
  readonly perSecond: number
  readonly burst: number
  /** At most so many in any second as Telegram counts them; absent, only `perSecond` and `burst` hold. */
  readonly secondMax?: number
}

/**
 * Telegram allows about 30 messages a second per bot (bots/faq). 25 a second in bursts of at most 3 leave room for calls
 * that catch up with one another on the way; `secondMax` holds even when they do.
 */
export const TELEGRAM_PACE: Pace = { perSecond: FULL_PER_SECOND, burst: 3, secondMax: 30 }

/** What one guard transaction takes of an account's pace: large enough to share its cost, short to be in doubt. */
const CLAIM_SPAN_MS = 400
/** Claims begin while so much, and what leaves in twice the time that claiming takes, is still ready. */
const RESERVE_MS = 60
const RESERVE_MAX_MS = 1_600

export interface Ahead {
  /** Claim more when no more than this is ready to leave. */
  readonly low: number
  /** Claim up to this. */
  readonly high: number
}

/**
 * How many deliveries an account of this pace reserves ahead, when its last claims took `claimMs` of its clock: enough
 * that the pace never waits for the guard, and no more, since a crash leaves them in doubt. `high` is at most `max`.
 */
export const aheadOf = (pace: Pace, claimMs: number, max: number): Ahead => {
  const leaveIn = (ms: number) => Math.ceil((pace.perSecond * ms) / SECOND_MS)
  const low = leaveIn(Math.min(RESERVE_MS + 2 * claimMs, RESERVE_MAX_MS))
  const high = Math.min(max, low + Math.max(pace.burst, leaveIn(CLAIM_SPAN_MS)))
  return { low: Math.min(low, Math.floor(high / 2)), high }
}

/**
 * The account's own pace as a leaky bucket (GCRA) and a window. The bucket spaces calls as they leave. Telegram counts
 * them when they arrive, at some instant between leaving and being answered: a call fills the window of a second from
 * its start until a second after its end, so no second holds more than `secondMax` however long calls take and in
 * whatever order they arrive. No timers, any clock. Its owner is the single process that leases the account.
 */
export class Pacer {
  #pace: Pace
  /** When the bucket would be empty again; the theoretical arrival time of GCRA. */
  #emptyAt = Number.NEGATIVE_INFINITY
  #underWay = 0
  /** When the calls of the last second ended, oldest first. */
  #ended: number[] = []

  constructor(pace: Pace) {
    this.#pace = pace
  }

  get pace(): Pace {
    return this.#pace
  }

  /** Changes the pace; what was already sent keeps counting. */
  setPace(pace: Pace): void {
    this.#pace = pace
  }

  /** What a former owner sent in the last instant is not known here: begins with an empty bucket. */
  begin(now: number): void {
    this.#fill(this.#pace.burst, now)
  }

  /** How many may leave at `now`: 0 … burst. */
  allowance(now: number): number {
    const intervalMs = SECOND_MS / this.#pace.perSecond
    const room = now - (Math.max(this.#emptyAt, now - this.#pace.burst * intervalMs) - this.#pace.burst * intervalMs)
    const inBucket = Math.min(this.#pace.burst, Math.floor(room / intervalMs + 1e-9))
    return Math.max(0, Math.min(inBucket, this.#roomInSecond(now)))
  }

  /** The earliest instant ≥ `now` at which one may leave; Infinity when a call has to end first. */
  readyAt(now: number): number {
    const intervalMs = SECOND_MS / this.#pace.perSecond
    const bucketAt = Math.max(now, Math.ceil(this.#emptyAt + (1 - this.#pace.burst) * intervalMs))
    if (this.#roomInSecond(bucketAt) > 0) return bucketAt
    const [oldest] = this.#ended
    return oldest === undefined ? Number.POSITIVE_INFINITY : Math.max(bucketAt, oldest + SECOND_MS)
  }

  /** `count` calls leave at `now`. */
  take(count: number, now: number): void {
    this.#underWay += count
    this.#fill(count, now)
  }

  /** One of them was answered, or given up, at `now`. */
  end(now: number): void {
    this.#underWay -= 1
    if (this.#pace.secondMax !== undefined) this.#ended.push(now)
  }

  #fill(count: number, now: number): void {
    this.#emptyAt = Math.max(this.#emptyAt, now) + (count * SECOND_MS) / this.#pace.perSecond
  }

  #roomInSecond(now: number): number {
    if (this.#pace.secondMax === undefined) return Number.POSITIVE_INFINITY
    const first = this.#ended.findIndex((at) => at + SECOND_MS > now)
    if (first !== 0) this.#ended.splice(0, first < 0 ? this.#ended.length : first)
    return this.#pace.secondMax - this.#underWay - this.#ended.length
  }
}

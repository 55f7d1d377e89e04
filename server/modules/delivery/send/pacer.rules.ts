import { SECOND_MS } from '#server/base/duration.ts'

/** Sends per second of one account, and how many may leave together. */
export interface Pace {
  readonly perSecond: number
  readonly burst: number
}

/**
 * Telegram allows about 30 messages a second per bot (bots/faq). 25 a second in bursts of at most 3 are never more than
 * 28 in any second where they leave; the rest is for calls that catch up with one another on the way.
 */
export const TELEGRAM_PACE: Pace = { perSecond: 25, burst: 3 }

/** An account whose health is strained sends at a quarter of its pace. */
export const SLOWED_FACTOR = 0.25

/** An account holds ready what leaves in this time, and in twice the time that claiming takes; at most in the last. */
const AHEAD_MIN_MS = 250
const AHEAD_MAX_MS = 2_000

/**
 * How many deliveries an account of this pace reserves ahead, when its last claims took `claimMs` of its clock: enough
 * that the pace never waits for the guard, and no more, since a crash leaves them in doubt. Never fewer than the burst.
 */
export const aheadOf = (pace: Pace, claimMs: number): number =>
  Math.max(pace.burst, Math.ceil((pace.perSecond * Math.min(AHEAD_MIN_MS + 2 * claimMs, AHEAD_MAX_MS)) / SECOND_MS))

/**
 * The account's own pace as a leaky bucket (GCRA): one number of state, no timers, any clock. Its owner is the single
 * process that leases the account.
 */
export class Pacer {
  #pace: Pace
  /** When the bucket would be empty again; the theoretical arrival time of GCRA. */
  #emptyAt = Number.NEGATIVE_INFINITY

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

  /** How many may leave at `now`: 0 … burst. */
  allowance(now: number): number {
    const intervalMs = SECOND_MS / this.#pace.perSecond
    const room = now - (Math.max(this.#emptyAt, now - this.#pace.burst * intervalMs) - this.#pace.burst * intervalMs)
    return Math.max(0, Math.min(this.#pace.burst, Math.floor(room / intervalMs + 1e-9)))
  }

  /** The earliest instant ≥ `now` at which `count` (at most the burst) may leave together. */
  readyAt(count: number, now: number): number {
    const intervalMs = SECOND_MS / this.#pace.perSecond
    const wanted = Math.min(count, this.#pace.burst)
    return Math.max(now, Math.ceil(this.#emptyAt + (wanted - this.#pace.burst) * intervalMs))
  }

  /** `count` messages leave at `now`. */
  take(count: number, now: number): void {
    this.#emptyAt = Math.max(this.#emptyAt, now) + (count * SECOND_MS) / this.#pace.perSecond
  }
}

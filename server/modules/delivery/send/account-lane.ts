import type { TelegramAccount } from '#server/gateways/telegram/sender.ts'

import { LaneClaims } from './lane-claims.ts'
import type { LaneDeps } from './lane-deps.ts'
import { CALM_IN_FLIGHT_MAX, Outbox } from './outbox.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'
import type { TenantClaims } from './tenant-claims.ts'
import { type Pace, aheadOf } from './pacer.rules.ts'
import { WakeSignal } from './wake-signal.ts'

export interface LaneOptions {
  readonly account: TelegramAccount
  readonly pace: Pace
  /** Calls under way at once; with the few deliveries about to leave, the most that a crash can leave in doubt. */
  readonly inFlightMax: number
  /** Deliveries looked at in one guard transaction. */
  readonly batchMax: number
  /** Aborts on stop, and as soon as another process may own the account: the lane then claims nothing more. */
  readonly signal: AbortSignal
  /** Shared with the other lanes of the tenant in this process, so that their outcomes share transactions. */
  readonly recorder?: OutcomeRecorder
  /** Shared likewise, so that their claims share transactions. */
  readonly claims?: TenantClaims
  /** Somebody looks after resting lanes ({@link AccountLane.look}), so this one need not ask the database by itself. */
  readonly isWatched?: boolean
}

/** Nothing woke the lane for so long: it looks for itself. In real time, so an accelerated clock does not make it spin. */
export const PATIENCE_MS = 1_000
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5_000
const CLAIMS_AVERAGED = 8

/**
 * Sends for one account, in the one process that leases it: asks the guard for the next deliveries while those before
 * are leaving at the account's pace, and records how the calls end meanwhile. Replies are claimed ahead of everything
 * else, even while outreach waits for its turn.
 */
export class AccountLane {
  readonly #deps: LaneDeps
  readonly #options: LaneOptions
  readonly #wake = new WakeSignal()
  readonly #recorder: OutcomeRecorder
  readonly #claims: LaneClaims
  readonly #outbox: Outbox
  /** News from outside may mean a reply, which does not wait for room. */
  #repliesExpected = true
  /** Waiting for deliveries to leave or for outcomes to be written rather than for time. */
  #isStalled = false
  /** How long a claim takes, by the lane's clock: a moving average. */
  #claimMs = 0
  /** The guard holds the whole account until then. */
  #blockedUntil = Number.NEGATIVE_INFINITY

  constructor(deps: LaneDeps, options: LaneOptions) {
    this.#deps = deps
    this.#options = options
    const { account, pace, inFlightMax } = options
    this.#claims = new LaneClaims(deps, account, options.claims)
    this.#recorder = options.recorder ?? new OutcomeRecorder(deps, account.tenantId)
    this.#outbox = new Outbox(deps, {
      account,
      pace,
      inFlightMax,
      onEnd: (delivery, result) => this.#recorder.add({ delivery, result, at: deps.clock.now() }),
      onRoom: () => this.#resume(),
    })
    options.signal.addEventListener('abort', () => this.#wake.raise(), { once: true })
  }

  /** New work may be due. */
  wake(): void {
    this.#repliesExpected = true
    this.#wake.raise()
  }

  /** Something may be due that nobody told of. */
  look(): void {
    this.#wake.raise()
  }

  /** Shows a contact that an answer is being thought out, unless the account is busy. */
  showThinking(chatId: number): void {
    if (this.#isOpen()) this.#outbox.showThinking(chatId)
  }

  setPace(pace: Pace): void {
    this.#outbox.setPace(pace)
  }

  /** Works until the signal aborts, then ends once every call under way is recorded. */
  async run(): Promise<void> {
    await this.#recover()
    this.#outbox.begin()
    let retryMs = FIRST_RETRY_MS
    while (this.#isOpen()) {
      try {
        const waitUntil = await this.#step()
        retryMs = FIRST_RETRY_MS
        if (waitUntil !== null) await this.#wake.wait(this.#deps.clock, waitUntil, this.#patienceMs())
      } catch (error) {
        this.#deps.log.error({ ...this.#ids(), err: error }, 'lane could not claim; trying again')
        await this.#wake.pause(retryMs)
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
      }
    }
    this.#outbox.giveBack()
    await this.#settle()
  }

  /** Sends everything that is due at this moment, waiting for the pace but not for the future. For tests and rehearsals. */
  async drain(): Promise<void> {
    await this.#recover()
    for (;;) {
      if ((await this.#step()) === null) continue
      await this.#settle()
      const { clock } = this.#deps
      const waitMs = Math.max(this.#outbox.waitingUntil, this.#blockedUntil) - clock.now()
      if (waitMs > 60_000 || (await this.#claims.nextDueAt()) > clock.now()) return
      if (waitMs > 0) await clock.sleep(waitMs)
    }
  }

  #isOpen(): boolean {
    return !this.#options.signal.aborted
  }

  /** Nobody but the lane knows what it stalls on. */
  #patienceMs(): number {
    return this.#options.isWatched && !this.#isStalled ? Number.POSITIVE_INFINITY : PATIENCE_MS
  }

  #ids() {
    return { tenantId: this.#options.account.tenantId, accountId: this.#options.account.accountId }
  }

  async #recover(): Promise<void> {
    const { log } = this.#deps
    let retryMs = FIRST_RETRY_MS
    while (this.#isOpen()) {
      try {
        const count = await this.#claims.recover()
        if (count > 0) log.info({ ...this.#ids(), count }, 'sends of an ended process are in doubt')
        return
      } catch (error) {
        log.error({ ...this.#ids(), err: error }, 'lane could not look for doubtful sends; trying again')
        await this.#wake.pause(retryMs)
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
      }
    }
  }

  /** One round. Returns null when the next may follow at once, else the instant before which nothing can happen by itself. */
  async #step(): Promise<number | null> {
    const now = this.#deps.clock.now()
    this.#isStalled = false
    if (this.#outbox.waitingUntil > now) return this.#outbox.waitingUntil
    const batchMax = this.#outbox.isCalm ? CALM_IN_FLIGHT_MAX : this.#options.batchMax
    const ahead = aheadOf(this.#outbox.pace, this.#claimMs, batchMax)
    // Outreach is claimed when most of it has left, so that transactions are shared; replies never wait for that.
    const repliesOnly = this.#outbox.size > ahead.low
    this.#isStalled = this.#recorder.isBehind() || (repliesOnly && !this.#repliesExpected)
    if (this.#isStalled) return Number.POSITIVE_INFINITY
    this.#repliesExpected = false
    const limit = repliesOnly ? batchMax : ahead.high - this.#outbox.size
    const reservation = await this.#claims.claim(limit, now, repliesOnly)
    this.#claimMs += (this.#deps.clock.now() - now - this.#claimMs) / CLAIMS_AVERAGED
    this.#outbox.add(reservation.reserved)
    this.#blockedUntil = reservation.blockedUntil ?? Number.NEGATIVE_INFINITY
    if (reservation.blockedUntil !== null) return reservation.blockedUntil
    if (reservation.claimed === limit) {
      this.#repliesExpected ||= repliesOnly || (reservation.reserved.at(-1)?.isReply ?? false)
      return null
    }
    return repliesOnly ? null : reservation.nextDueAt
  }

  #resume(): void {
    if (this.#isStalled) this.#wake.raise()
  }

  async #settle(): Promise<void> {
    while (!this.#outbox.isIdle) await this.#wake.pause(5)
    await this.#recorder.flush()
  }
}

import type { OutgoingMessage, SendResult, TelegramAccount } from '#server/gateways/telegram/sender.ts'

import { type ReservedDelivery, callbackData } from '../delivery.rules.ts'
import { LaneClaims } from './lane-claims.ts'
import type { LaneDeps } from './lane-deps.ts'
import { type Pace, Pacer } from './pacer.rules.ts'
import { OutcomeRecorder } from './outcome-recorder.ts'
import { WakeSignal } from './wake-signal.ts'

export interface LaneOptions {
  readonly account: TelegramAccount
  readonly pace: Pace
  /** Calls under way at once; the most that a crash can leave in doubt. */
  readonly inFlightMax: number
  /** Deliveries looked at in one guard transaction. */
  readonly batchMax: number
  /** Aborts on stop, and as soon as another process may own the account: the lane then claims nothing more. */
  readonly signal: AbortSignal
}

/** Nothing woke the lane for so long: it looks for itself. In real time, so an accelerated clock does not make it spin. */
const PATIENCE_MS = 1_000
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5_000

/**
 * Sends for one account, in the one process that leases it: asks the guard for as many deliveries as the pace allows
 * now, calls Telegram for each at once, and records how the calls end while the next are being asked for. Replies are
 * claimed ahead of everything else, even while outreach waits for its turn.
 */
export class AccountLane {
  readonly #deps: LaneDeps
  readonly #options: LaneOptions
  readonly #pacer: Pacer
  readonly #wake = new WakeSignal()
  readonly #recorder: OutcomeRecorder
  readonly #claims: LaneClaims
  #inFlight = 0
  /** Telegram told the account to wait until then. Known here before the database knows it. */
  #waitingUntil = Number.NEGATIVE_INFINITY
  /** News from outside may mean a reply, which does not wait for a whole burst. */
  #repliesExpected = true
  /** Waiting for calls or outcomes to end rather than for time. */
  #isStalled = false

  constructor(deps: LaneDeps, options: LaneOptions) {
    this.#deps = deps
    this.#options = options
    this.#pacer = new Pacer(options.pace)
    this.#claims = new LaneClaims(deps, options.account)
    this.#recorder = new OutcomeRecorder(deps, options.account, () => this.#resume())
    options.signal.addEventListener('abort', () => this.#wake.raise(), { once: true })
  }

  /** New work may be due. */
  wake(): void {
    this.#repliesExpected = true
    this.#wake.raise()
  }

  setPace(pace: Pace): void {
    this.#pacer.setPace(pace)
  }

  /** Works until the signal aborts, then ends once every call under way is recorded. */
  async run(): Promise<void> {
    await this.#recover()
    // What a former owner sent in the last instant is not known here: begin with an empty bucket.
    this.#pacer.take(this.#options.pace.burst, this.#deps.clock.now())
    let retryMs = FIRST_RETRY_MS
    while (this.#isOpen()) {
      try {
        const waitUntil = await this.#step()
        retryMs = FIRST_RETRY_MS
        if (waitUntil !== null) await this.#wake.wait(this.#deps.clock, waitUntil, PATIENCE_MS)
      } catch (error) {
        this.#deps.log.error({ ...this.#ids(), err: error }, 'lane could not claim; trying again')
        await this.#wake.pause(retryMs)
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
      }
    }
    await this.#settle()
  }

  /** Sends everything that is due at this moment, waiting for the pace but not for the future. For tests and rehearsals. */
  async drain(): Promise<void> {
    await this.#recover()
    for (;;) {
      const waitUntil = await this.#step()
      if (waitUntil === null) continue
      await this.#settle()
      const { clock } = this.#deps
      if ((await this.#claims.nextDueAt()) > clock.now() || waitUntil > clock.now() + 60_000) return
      await clock.sleep(Math.max(1, waitUntil - clock.now()))
    }
  }

  #isOpen(): boolean {
    return !this.#options.signal.aborted
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
    const { clock } = this.#deps
    const now = clock.now()
    if (this.#waitingUntil > now) return this.#waitingUntil
    const room = Math.min(this.#options.inFlightMax - this.#inFlight, this.#options.batchMax)
    this.#isStalled = room <= 0 || this.#recorder.isBehind()
    if (this.#isStalled) return Number.POSITIVE_INFINITY
    const { burst } = this.#pacer.pace
    const allowance = Math.min(room, this.#pacer.allowance(now))
    if (allowance <= 0) return this.#pacer.readyAt(1, now)
    // Outreach waits until a whole burst may leave, so that transactions are shared; replies never wait for that.
    const repliesOnly = allowance < Math.min(burst, room)
    if (repliesOnly && !this.#repliesExpected) return this.#pacer.readyAt(burst, now)
    this.#repliesExpected = false
    const reservation = await this.#claims.claim(allowance, now, repliesOnly)
    this.#dispatch(reservation.reserved)
    if (reservation.blockedUntil !== null) return reservation.blockedUntil
    if (reservation.claimed === allowance) {
      this.#repliesExpected = true
      return null
    }
    return repliesOnly ? this.#pacer.readyAt(burst, clock.now()) : this.#claims.nextDueAt()
  }

  #dispatch(reserved: readonly ReservedDelivery[]): void {
    const now = this.#deps.clock.now()
    // A wait that Telegram announced while the guard was asked holds for these too: none of them has left.
    if (this.#waitingUntil > now) return this.#holdBack(reserved, now)
    this.#pacer.take(reserved.length, now)
    this.#inFlight += reserved.length
    for (const delivery of reserved) void this.#send(delivery)
  }

  #holdBack(reserved: readonly ReservedDelivery[], now: number): void {
    const afterMs = this.#waitingUntil - now
    const result = { kind: 'retry', afterMs, scope: 'account', reason: 'aborted_before_leaving' } as const
    for (const delivery of reserved) this.#recorder.add({ delivery, result, at: now })
  }

  async #send(delivery: ReservedDelivery): Promise<void> {
    const { sender, clock, log } = this.#deps
    try {
      const result = await sender.send(this.#options.account, toMessage(delivery))
      this.#obeyWait(result)
      this.#recorder.add({ delivery, result, at: clock.now() })
    } catch (error) {
      // A bug between here and the wire: nobody can say whether the request left.
      log.error({ ...this.#ids(), deliveryId: delivery.deliveryId, err: error }, 'send broke')
      this.#recorder.add({ delivery, result: { kind: 'unknown', reason: 'connection_cut' }, at: clock.now() })
    } finally {
      this.#inFlight -= 1
      if (this.#inFlight <= this.#options.inFlightMax / 2) this.#resume()
    }
  }

  #obeyWait(result: SendResult): void {
    if (result.kind === 'retry' && result.scope === 'account')
      this.#waitingUntil = Math.max(this.#waitingUntil, this.#deps.clock.now() + result.afterMs)
  }

  #resume(): void {
    if (this.#isStalled) this.#wake.raise()
  }

  async #settle(): Promise<void> {
    while (this.#inFlight > 0) await this.#wake.pause(5)
    await this.#recorder.flush()
  }
}

const toMessage = (delivery: ReservedDelivery): OutgoingMessage => {
  const { text, media, buttons } = delivery.content
  return {
    chatId: delivery.chatId,
    text,
    ...(media && { media }),
    buttons: buttons.map((row) =>
      row.map((b) => ('action' in b ? { text: b.text, action: callbackData(delivery.deliveryId, b.action) } : b)),
    ),
  }
}

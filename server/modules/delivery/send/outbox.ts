import type { ActResult } from '#server/gateways/telegram/call-result.ts'
import { CAPABILITIES } from '#server/gateways/telegram/capabilities.ts'
import type { OutgoingMessage, SendResult, TelegramAccount } from '#server/gateways/telegram/sender.ts'

import { type ReservedDelivery, callbackData } from '../delivery.rules.ts'
import type { LaneDeps } from './lane-deps.ts'
import { type Pace, Pacer } from './pacer.rules.ts'

export interface OutboxOptions {
  readonly account: TelegramAccount
  readonly pace: Pace
  /** Calls under way at once. */
  readonly inFlightMax: number
  /** A call ended, or a delivery was given back without a call. */
  readonly onEnd: (delivery: ReservedDelivery, result: SendResult) => void
  /** Deliveries left the box. */
  readonly onRoom: () => void
}

/**
 * While people are being answered, outreach keeps to so many calls under way, however fast the account may send: what
 * runs at its limit fills every queue between here and Telegram, and an answer would stand in all of them.
 */
export const CALM_IN_FLIGHT_MAX = 16
const CALM_MS = 2_000

/** With more calls under way than this, a preview would only stand in line. */
const PREVIEW_IN_FLIGHT_MAX = 4
/** One answer is thought out in a chat at a time. */
const PREVIEW_ID = 1

/**
 * The reserved deliveries of one account on their last steps: each leaves as soon as the pace and the calls under way
 * allow, replies first. A wait that Telegram announces holds everything at once: what has not left is given back.
 */
export class Outbox {
  readonly #deps: LaneDeps
  readonly #options: OutboxOptions
  readonly #pacer: Pacer
  #ready: ReservedDelivery[] = []
  #inFlight = 0
  #waitingUntil = Number.NEGATIVE_INFINITY
  #isAlarmSet = false
  /** Real time up to which answers are likely to follow one another. */
  #calmUntil = Number.NEGATIVE_INFINITY

  constructor(deps: LaneDeps, options: OutboxOptions) {
    this.#deps = deps
    this.#options = options
    this.#pacer = new Pacer(options.pace)
  }

  /** Deliveries that have not left yet. */
  get size(): number {
    return this.#ready.length
  }

  /** Nothing waits to leave and no call is under way. */
  get isIdle(): boolean {
    return this.#ready.length === 0 && this.#inFlight === 0
  }

  /** People were answered a moment ago: outreach leaves room. */
  get isCalm(): boolean {
    return performance.now() < this.#calmUntil
  }

  /** The account may not send before this instant. */
  get waitingUntil(): number {
    return this.#waitingUntil
  }

  get pace(): Pace {
    return this.#pacer.pace
  }

  setPace(pace: Pace): void {
    this.#pacer.setPace(pace)
  }

  /** Calls after a former owner's, whose last instant is not known here. */
  begin(): void {
    this.#pacer.begin(this.#deps.clock.now())
  }

  add(reserved: readonly ReservedDelivery[]): void {
    const replies = reserved.filter((d) => d.isReply)
    const others = reserved.filter((d) => !d.isReply)
    if (replies.length > 0) this.#calmUntil = performance.now() + CALM_MS
    this.#ready = [...replies, ...this.#ready, ...others]
    this.#pump()
  }

  /** Gives back what has not left; nothing was sent, so it may be claimed again after `afterMs`. */
  giveBack(afterMs = 0): void {
    const result = { kind: 'retry', afterMs, scope: 'account', reason: 'aborted_before_leaving' } as const
    const ready = this.#ready
    this.#ready = []
    for (const delivery of ready) this.#options.onEnd(delivery, result)
  }

  /**
   * Shows a contact that an answer is being thought out, where the kind of account can. It takes its place in the
   * account's pace like any call, and is left out while anything else is leaving or waits: it is worth no delay.
   */
  showThinking(chatId: number): void {
    const now = this.#deps.clock.now()
    const { account } = this.#options
    const isBusy = this.#ready.length > 0 || this.#inFlight > PREVIEW_IN_FLIGHT_MAX || this.#waitingUntil > now
    if (isBusy || !CAPABILITIES[account.kind].showsThinking || this.#pacer.allowance(now) < 1) return
    this.#pacer.take(1, now)
    this.#inFlight += 1
    void this.#preview(chatId)
  }

  async #preview(chatId: number): Promise<void> {
    try {
      this.#obeyWait(await this.#deps.sender.showThinking(this.#options.account, chatId, PREVIEW_ID))
    } catch (error) {
      const { tenantId, accountId } = this.#options.account
      this.#deps.log.error({ tenantId, accountId, err: error }, 'a preview broke')
    } finally {
      this.#inFlight -= 1
      this.#pacer.end(this.#deps.clock.now())
      if (this.#ready.length > 0) this.#pump()
    }
  }

  #pump(): void {
    const now = this.#deps.clock.now()
    if (this.#waitingUntil > now) return this.giveBack(this.#waitingUntil - now)
    const leaving = this.#ready.splice(0, Math.min(this.#room(), this.#pacer.allowance(now)))
    if (leaving.length > 0) {
      this.#pacer.take(leaving.length, now)
      this.#inFlight += leaving.length
      for (const delivery of leaving) void this.#send(delivery)
      this.#options.onRoom()
    }
    if (this.#ready.length > 0 && this.#room() > 0) this.#setAlarm(now)
  }

  /** How many of those at the head may leave as far as calls under way are concerned. */
  #room(): number {
    const room = this.#options.inFlightMax - this.#inFlight
    if (!this.isCalm) return room
    const replies = this.#ready.findIndex((d) => !d.isReply)
    return Math.min(room, Math.max(CALM_IN_FLIGHT_MAX - this.#inFlight, replies < 0 ? this.#ready.length : replies))
  }

  #setAlarm(now: number): void {
    const readyAt = this.#pacer.readyAt(now)
    // The end of a call pumps by itself.
    if (this.#isAlarmSet || readyAt === Number.POSITIVE_INFINITY) return
    this.#isAlarmSet = true
    const ring = () => {
      this.#isAlarmSet = false
      this.#pump()
    }
    void this.#deps.clock.sleep(Math.max(1, readyAt - now)).then(ring)
  }

  async #send(delivery: ReservedDelivery): Promise<void> {
    const { sender, log } = this.#deps
    const { account, onEnd } = this.#options
    try {
      const result = await sender.send(account, toMessage(delivery))
      this.#obeyWait(result)
      onEnd(delivery, result)
    } catch (error) {
      // A bug between here and the wire: nobody can say whether the request left.
      const { tenantId, accountId } = account
      log.error({ tenantId, accountId, deliveryId: delivery.deliveryId, err: error }, 'send broke')
      onEnd(delivery, { kind: 'unknown', reason: 'connection_cut' })
    } finally {
      this.#inFlight -= 1
      this.#pacer.end(this.#deps.clock.now())
      if (this.#ready.length > 0) this.#pump()
    }
  }

  #obeyWait(result: SendResult | ActResult): void {
    if (result.kind === 'retry' && result.scope === 'account')
      this.#waitingUntil = Math.max(this.#waitingUntil, this.#deps.clock.now() + result.afterMs)
  }
}

const toMessage = (delivery: ReservedDelivery): OutgoingMessage => {
  const { text, media, buttons, invoice } = delivery.content
  return {
    chatId: delivery.chatId,
    text,
    ...(media && { media }),
    ...(invoice && { invoice }),
    ...(delivery.randomId !== null && { randomId: delivery.randomId }),
    buttons: buttons.map((row) =>
      row.map((b) => ('action' in b ? { text: b.text, action: callbackData(delivery.deliveryId, b.action) } : b)),
    ),
  }
}

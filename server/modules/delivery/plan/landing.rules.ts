import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { localHour } from '#server/base/local-time.ts'

import { warmUpDailyMax } from '../ceilings.rules.ts'
import { type QuietHours, isHourAllowed } from '../quiet-hours.rules.ts'

/** Messages that may leave from the same instant on, under the same conditions. */
export interface LandingBatch {
  readonly count: number
  /** Epoch ms. */
  readonly readyAt: number
  readonly isOutreach: boolean
  readonly isCommercial: boolean
  readonly timeZone: string
  /** Null for messages that quiet hours do not hold. */
  readonly quiet: QuietHours | null
}

/** Limits of the account and the tenant; null means none from that side. */
export interface LandingLimits {
  readonly perMinuteMax: number | null
  readonly outreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly dailyMessagesMax: number | null
  readonly monthlyMessagesMax: number | null
  readonly warmUp: boolean
  /** Epoch ms. */
  readonly accountLinkedAt: number
  /** What the last day and the last month have already used up. */
  readonly usedToday: { readonly outreach: number; readonly commercial: number; readonly messages: number }
  readonly usedThisMonth: number
}

export interface Landing {
  /** When the last message leaves, epoch ms; null when that is more than {@link LANDING_DAYS_MAX} days away or never. */
  readonly lastAt: number | null
  /** Messages that leave within that time. */
  readonly landed: number
}

/** Telegram's pace for one account, as the sender keeps it. */
const PACE_PER_HOUR = 25 * 3_600
const HOURS_PER_DAY = 24
const HOURS_PER_MONTH = 30 * HOURS_PER_DAY
/** Beyond this the answer is "not in any useful time". */
export const LANDING_DAYS_MAX = 400

const orInfinite = (max: number | null): number => max ?? Number.POSITIVE_INFINITY

/**
 * A rolling window in steps of an hour: what went out in the hours before the current one that it still covers. What
 * was used before the first hour counts until a whole window has passed.
 */
class Window {
  readonly #hours: number[] = []
  readonly #length: number
  #before: number
  #passed = 0
  #sum = 0

  constructor(length: number, before: number) {
    this.#length = length
    this.#before = before
  }

  get sum(): number {
    return this.#sum + this.#before
  }

  add(count: number): void {
    this.#passed += 1
    if (this.#passed >= this.#length) this.#before = 0
    this.#hours.push(count)
    this.#sum += count
    if (this.#hours.length >= this.#length) this.#sum -= this.#hours.shift() ?? 0
  }
}

/**
 * Estimates when the last of these messages leaves: hour by hour, oldest batch first, each hour giving what the
 * account's pace, its outreach caps, warm-up and the tenant's rolling quotas leave over, and each batch only in the
 * hours its recipients may be written to. What was used before counts until a whole window has passed: the estimate is
 * late rather than early. Caps of single contacts are not part of it.
 */
export const estimateLanding = (batches: readonly LandingBatch[], limits: LandingLimits, now: number): Landing => {
  const rest = batches.filter((batch) => batch.count > 0).map((batch) => ({ ...batch }))
  const total = rest.reduce((sum, batch) => sum + batch.count, 0)
  if (total === 0) return { lastAt: now, landed: 0 }
  const outreachDay = new Window(HOURS_PER_DAY, limits.usedToday.outreach)
  const commercialDay = new Window(HOURS_PER_DAY, limits.usedToday.commercial)
  const messagesDay = new Window(HOURS_PER_DAY, limits.usedToday.messages)
  const month = new Window(HOURS_PER_MONTH, limits.usedThisMonth)
  const perHour = Math.min(PACE_PER_HOUR, orInfinite(limits.perMinuteMax) * 60)
  let landed = 0
  for (let hourAt = now; hourAt < now + LANDING_DAYS_MAX * DAY_MS; hourAt += HOUR_MS) {
    let room = Math.min(
      perHour,
      orInfinite(limits.dailyMessagesMax) - messagesDay.sum,
      orInfinite(limits.monthlyMessagesMax) - month.sum,
    )
    let outreachRoom = Math.min(
      orInfinite(limits.outreachHourlyMax),
      orInfinite(limits.outreachDailyMax) - outreachDay.sum,
    )
    const warmUpMax = limits.warmUp
      ? orInfinite(warmUpDailyMax(hourAt - limits.accountLinkedAt))
      : Number.POSITIVE_INFINITY
    let commercialRoom = warmUpMax - commercialDay.sum
    const sent = { all: 0, outreach: 0, commercial: 0 }
    let lastReadyAt = hourAt
    for (const batch of rest) {
      if (batch.count === 0 || batch.readyAt >= hourAt + HOUR_MS) continue
      if (batch.quiet && !isHourAllowed(localHour(Math.max(hourAt, batch.readyAt), batch.timeZone), batch.quiet))
        continue
      const bounds = [batch.count, room]
      if (batch.isOutreach) bounds.push(outreachRoom)
      if (batch.isCommercial) bounds.push(commercialRoom)
      const count = Math.max(0, Math.floor(Math.min(...bounds)))
      batch.count -= count
      room -= count
      sent.all += count
      if (count > 0) lastReadyAt = Math.max(lastReadyAt, batch.readyAt)
      if (batch.isOutreach) {
        outreachRoom -= count
        sent.outreach += count
      }
      if (batch.isCommercial) {
        commercialRoom -= count
        sent.commercial += count
      }
    }
    outreachDay.add(sent.outreach)
    commercialDay.add(sent.commercial)
    messagesDay.add(sent.all)
    month.add(sent.all)
    landed += sent.all
    if (landed === total) {
      const spentMs = Math.ceil((sent.all / Math.max(1, perHour)) * HOUR_MS)
      return { lastAt: Math.min(lastReadyAt + spentMs, hourAt + HOUR_MS), landed }
    }
  }
  return { lastAt: null, landed }
}

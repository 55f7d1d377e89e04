import { SECOND_MS } from '#server/base/duration.ts'
import type { AccountHealth } from '#server/modules/accounts/index.ts'

import { warmUpDailyMax } from './ceilings.rules.ts'

/** An account whose health is strained sends at a quarter of its pace. */
export const SLOWED_FACTOR = 0.25

/** Sends a second of an account in full health: what Telegram allows, with room to spare. */
export const FULL_PER_SECOND = 25

/** What bounds an account; null means none from that side. */
export interface PaceBounds {
  readonly health: AccountHealth
  readonly ageMs: number
  readonly warmUp: boolean
  readonly perMinuteMax: number | null
  readonly outreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly dailyMessagesMax: number | null
}

/** What an account may send as things are. Nothing here is ever above any single bound. */
export interface EffectivePace {
  readonly perSecond: number
  /** Null where only the pace per second bounds it. */
  readonly perMinute: number | null
  /** Commercial messages in any 24 hours; null for no bound. */
  readonly commercialPerDay: number | null
  readonly outreachPerHour: number | null
  readonly outreachPerDay: number | null
}

const least = (...bounds: readonly (number | null)[]): number | null => {
  const known = bounds.filter((bound) => bound !== null)
  return known.length === 0 ? null : Math.min(...known)
}

const SHARE: Readonly<Record<AccountHealth, number>> = { normal: 1, slowed: SLOWED_FACTOR, stopped: 0 }

/** The account's real pace: of everything that bounds it the smallest, and nothing commercial while it is stopped. Total. */
export const effectivePace = (bounds: PaceBounds): EffectivePace => {
  const perSecond = FULL_PER_SECOND * SHARE[bounds.health]
  const stop = bounds.health === 'stopped' ? 0 : null
  const commercialPerDay = least(stop, bounds.dailyMessagesMax, bounds.warmUp ? warmUpDailyMax(bounds.ageMs) : null)
  return {
    perSecond,
    perMinute: least(stop, bounds.perMinuteMax, perSecond * (60_000 / SECOND_MS)),
    commercialPerDay,
    outreachPerHour: least(stop, bounds.outreachHourlyMax, commercialPerDay),
    outreachPerDay: least(stop, bounds.outreachDailyMax, commercialPerDay),
  }
}

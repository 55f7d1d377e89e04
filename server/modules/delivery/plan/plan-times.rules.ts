import { HOUR_MS } from '#server/base/duration.ts'

import { HARD_DAILY_MAX, HARD_GAP_MS } from '../ceilings.rules.ts'
import { type QuietHours, isHourAllowed } from '../quiet-hours.rules.ts'
import type { StrategySettings } from '../strategy/strategy.rules.ts'
import type { LocalSlot } from './local-slots.rules.ts'

export interface TimingFacts {
  /** The local hours from now to the end of the horizon, in the contact's time zone. */
  readonly slots: readonly LocalSlot[]
  readonly strategy: Pick<StrategySettings, 'everyHours' | 'maxPerDay' | 'cooldownHours' | 'hours'>
  readonly quiet: QuietHours
  /** Expected share of the contact's activity per local hour 0–23. */
  readonly hourShares: readonly number[]
  /** The contact's last commercial message, epoch ms; null when there was none. */
  readonly lastAt: number | null
  /** 0–1: where inside its hour a message goes, so that a thousand people are not written to in the same second. */
  readonly jitterRatio: number
}

export interface PlannedTime {
  readonly at: number
  readonly hour: number
  readonly day: string
  /** Place of this hour among the contact's hours of a day, from 0: with the day it names the period that is used up. */
  readonly ordinal: number
}

export type Timing =
  | { readonly kind: 'times'; readonly times: readonly PlannedTime[] }
  | { readonly kind: 'none'; readonly reason: 'no_allowed_hour' | 'outside_horizon' }

/** Hours around the clock between two hours of a day. */
const hoursApart = (a: number, b: number): number => Math.min((a - b + 24) % 24, (b - a + 24) % 24)

/**
 * The contact's own hours: the best of the strategy's allowed hours by expected activity, at most `perDay` of them and
 * at least `gapHours` apart around the clock, ascending.
 */
const chooseHours = (facts: TimingFacts, perDay: number, gapHours: number): readonly number[] => {
  const allowed = facts.strategy.hours.filter((hour) => isHourAllowed(hour, facts.quiet))
  const best = allowed.toSorted((a, b) => (facts.hourShares[b] ?? 0) - (facts.hourShares[a] ?? 0) || a - b)
  const chosen: number[] = []
  for (const hour of best) {
    if (chosen.length < perDay && chosen.every((other) => hoursApart(hour, other) >= gapHours)) chosen.push(hour)
  }
  return chosen.sort((a, b) => a - b)
}

/**
 * The least time between two messages. A daily message goes out in the same hour each day, not at the same minute: an
 * hour of slack keeps it from slipping later and later until it misses its hour. A cooldown has no slack.
 */
export const intervalMs = ({
  everyHours,
  cooldownHours,
}: Pick<StrategySettings, 'everyHours' | 'cooldownHours'>): number =>
  Math.max((everyHours >= 24 ? everyHours - 1 : everyHours) * HOUR_MS, cooldownHours * HOUR_MS, HARD_GAP_MS)

/**
 * When to write to a contact within the horizon: at their best hours, the next time each comes round. Every instant
 * returned lies in an hour that both the strategy and quiet hours allow in the contact's time zone, at least
 * {@link intervalMs} after the message before it, and no day gets more than the strategy's maximum.
 */
export const planTimes = (facts: TimingFacts): Timing => {
  const { strategy, slots } = facts
  const gapHours = Math.max(strategy.everyHours, strategy.cooldownHours, HARD_GAP_MS / HOUR_MS)
  const gapMs = intervalMs(strategy)
  const perDay = Math.min(strategy.maxPerDay, HARD_DAILY_MAX, gapHours >= 24 ? 1 : Math.floor(24 / gapHours))
  const hours = chooseHours(facts, perDay, Math.min(gapHours, 24))
  if (hours.length === 0) return { kind: 'none', reason: 'no_allowed_hour' }
  const times: PlannedTime[] = []
  let earliest = facts.lastAt === null ? Number.NEGATIVE_INFINITY : facts.lastAt + gapMs
  for (const slot of slots) {
    const ordinal = hours.indexOf(slot.hour)
    if (ordinal < 0) continue
    const wanted = Math.floor(slot.startAt + facts.jitterRatio * (slot.endAt - slot.startAt))
    const at = Math.max(wanted, earliest)
    if (at >= slot.endAt) continue
    times.push({ at, hour: slot.hour, day: slot.day, ordinal })
    earliest = at + gapMs
  }
  return times.length === 0 ? { kind: 'none', reason: 'outside_horizon' } : { kind: 'times', times }
}

import { type MessageStyle, MESSAGE_STYLES, SEGMENTS, type Segment } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { type AppError, invalid } from '#server/base/errors.ts'

import { HARD_DAILY_MAX, HARD_GAP_MS } from '../ceilings.rules.ts'

/** The bounds of every strategy, whoever proposes it. They live in code: no row, model or member can widen them. */
const HARD_CEILINGS = {
  maxPerDayMax: HARD_DAILY_MAX,
  cooldownHoursMin: HARD_GAP_MS / HOUR_MS,
  everyHoursMin: HARD_GAP_MS / HOUR_MS,
  /** A year: rarer is not a strategy, it is silence. */
  everyHoursMax: 8_760,
} as const

/** How contacts of one segment may be contacted. */
export interface StrategySettings {
  readonly enabled: boolean
  /** 1–10; decides which of a contact's segments leads, and who goes first. */
  readonly priority: number
  /** Hours from one planned message to the next. */
  readonly everyHours: number
  /** Commercial messages a contact may get in any 24 hours, 0–5. */
  readonly maxPerDay: number
  /** Hours between any two commercial messages, at least 2. */
  readonly cooldownHours: number
  /** Local hours 0–23 in which to write, ascending. */
  readonly hours: readonly number[]
  readonly style: MessageStyle
}

export interface Strategy extends StrategySettings {
  readonly segment: Segment
  /** Rises by one with each change of this segment's strategy. */
  readonly version: number
  /** The preset the settings were taken from unchanged, or null. */
  readonly preset: string | null
  readonly changedBy: string
  /** Epoch ms. */
  readonly createdAt: number
}

const checkInteger = (value: unknown, field: string, min: number, max: number): void => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalid('strategy_out_of_bounds', field, { value: String(value).slice(0, 20), min, max })
  }
}

/** Throws `invalid/unknown_segment` for a name that is none of the twelve. */
export const checkSegment = (segment: string): Segment => {
  const known = SEGMENTS.find((s) => s === segment)
  if (!known) throw invalid('unknown_segment', 'segment', { value: segment.slice(0, 40), allowed: SEGMENTS.join(', ') })
  return known
}

/**
 * Checks settings against the hard ceilings and returns them with their hours sorted and each once. Errors:
 * `invalid/strategy_out_of_bounds` naming field, value and bounds, `invalid/strategy_hours`, `invalid/unknown_word`.
 */
export const checkStrategy = (settings: StrategySettings): StrategySettings => {
  const c = HARD_CEILINGS
  if (typeof settings.enabled !== 'boolean') throw invalid('strategy_enabled', 'enabled', { expected: 'true, false' })
  checkInteger(settings.priority, 'priority', 1, 10)
  checkInteger(settings.everyHours, 'everyHours', c.everyHoursMin, c.everyHoursMax)
  checkInteger(settings.maxPerDay, 'maxPerDay', 0, c.maxPerDayMax)
  checkInteger(settings.cooldownHours, 'cooldownHours', c.cooldownHoursMin, c.everyHoursMax)
  const wrongHours = (): AppError => invalid('strategy_hours', 'hours', { expected: '1-24 local hours, each 0-23' })
  if (!Array.isArray(settings.hours) || settings.hours.length === 0) throw wrongHours()
  const hours = [...new Set<number>(settings.hours)].sort((a, b) => a - b)
  if (!hours.every((hour) => Number.isInteger(hour) && hour >= 0 && hour <= 23)) throw wrongHours()
  if (!MESSAGE_STYLES.includes(settings.style)) {
    throw invalid('unknown_word', 'style', {
      value: settings.style,
      allowed: MESSAGE_STYLES.join(', '),
    })
  }
  const { enabled, priority, everyHours, maxPerDay, cooldownHours, style } = settings
  return { enabled, priority, everyHours, maxPerDay, cooldownHours, hours, style }
}

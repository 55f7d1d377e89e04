/** What an account's sends of the last day look like. Ratios are of those sends. */
export interface HealthFigures {
  readonly sends: number
  readonly blocks: number
  readonly optOuts: number
  /** Sends refused with 403 for reasons of the recipient. */
  readonly forbidden: number
  /** 429 answers of the last hour. */
  readonly floods: number
}

export type Health = 'normal' | 'slowed' | 'stopped'

export interface HealthVerdict {
  readonly health: Health
  /** The figure that decided, and its value in per mille or as a count; null when normal. */
  readonly reason: string | null
}

interface HealthLimit {
  readonly name: string
  readonly value: (f: HealthFigures) => number
  readonly slowAt: number
  readonly stopAt: number
  /** Ratios of a handful of sends say nothing. */
  readonly sendsMin: number
}

/** Telegram publishes no thresholds; these react well before the complaint rates at which accounts were limited. */
const HEALTH_LIMITS: readonly HealthLimit[] = [
  { name: 'block_ratio', value: (f) => f.blocks / f.sends, slowAt: 0.02, stopAt: 0.05, sendsMin: 50 },
  { name: 'opt_out_ratio', value: (f) => f.optOuts / f.sends, slowAt: 0.03, stopAt: 0.08, sendsMin: 50 },
  { name: 'forbidden_ratio', value: (f) => f.forbidden / f.sends, slowAt: 0.1, stopAt: 0.25, sendsMin: 50 },
  { name: 'flood_count', value: (f) => f.floods, slowAt: 3, stopAt: 10, sendsMin: 0 },
]

/** A strained account comes back only when every figure is below half its limit, so it does not flap. */
const RECOVERY_FACTOR = 0.5

/** How the account should go on, given how it goes on now. */
export const assessHealth = (figures: HealthFigures, current: Health): HealthVerdict => {
  let slowed: HealthVerdict | null = null
  for (const limit of HEALTH_LIMITS) {
    if (figures.sends < limit.sendsMin || (limit.sendsMin > 0 && figures.sends === 0)) continue
    const value = limit.value(figures)
    const reason = `${limit.name} ${limit.sendsMin > 0 ? `${Math.round(value * 1000)}‰` : value}`
    const stopAt = current === 'stopped' ? limit.stopAt * RECOVERY_FACTOR : limit.stopAt
    const slowAt = current === 'normal' ? limit.slowAt : limit.slowAt * RECOVERY_FACTOR
    if (value >= stopAt) return { health: 'stopped', reason }
    if (value >= slowAt) slowed ??= { health: 'slowed', reason }
  }
  return slowed ?? { health: 'normal', reason: null }
}

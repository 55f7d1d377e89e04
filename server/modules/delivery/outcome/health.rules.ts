import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { AccountHealth } from '#server/modules/accounts/index.ts'

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

/** From full speed to none. */
const HEALTH_LEVELS = ['normal', 'slowed', 'stopped'] as const satisfies readonly AccountHealth[]

/** One figure an account is judged by, with what it is judged against. */
export interface HealthEvidence {
  readonly name: string
  /** A ratio 0–1, or a count for `flood_count`. */
  readonly value: number
  /** What was counted, and of how many sends; the latter is null for a count of its own. */
  readonly count: number
  readonly sends: number | null
  readonly slowAt: number
  readonly stopAt: number
  /** Too few sends to say anything. */
  readonly isTooEarly: boolean
}

export interface HealthVerdict {
  readonly health: AccountHealth
  /** The figure that decided, and its value in per mille or as a count; null when normal. */
  readonly reason: string | null
  /** Since when its figures have been clean, epoch ms; null while they are not, and for an account at full speed. */
  readonly cleanSince: number | null
}

interface HealthLimit {
  readonly name: string
  readonly count: (figures: HealthFigures) => number
  readonly isRatio: boolean
  readonly slowAt: number
  readonly stopAt: number
  /** Ratios of a handful of sends say nothing. */
  readonly sendsMin: number
}

/** Telegram publishes no thresholds; these react well before the complaint rates at which accounts were limited. */
const HEALTH_LIMITS: readonly HealthLimit[] = [
  { name: 'block_ratio', count: (f) => f.blocks, isRatio: true, slowAt: 0.02, stopAt: 0.05, sendsMin: 50 },
  { name: 'opt_out_ratio', count: (f) => f.optOuts, isRatio: true, slowAt: 0.03, stopAt: 0.08, sendsMin: 50 },
  { name: 'forbidden_ratio', count: (f) => f.forbidden, isRatio: true, slowAt: 0.1, stopAt: 0.25, sendsMin: 50 },
  { name: 'flood_count', count: (f) => f.floods, isRatio: false, slowAt: 3, stopAt: 10, sendsMin: 0 },
]

/** A strained account is clean only when every figure is below half its limit, so it does not flap. */
const RECOVERY_FACTOR = 0.5

/** So long its figures have to be clean before it comes back one step, and once more before the next. */
const RECOVERY_MS = DAY_MS

/** A person who looked at it can shorten the wait to this, and no further. */
export const REVIEWED_RECOVERY_MS = 6 * HOUR_MS

/** How an account stands now. Instants are epoch ms. */
export interface HealthStanding {
  readonly health: AccountHealth
  /** When it became so; null for one that was never strained. */
  readonly changedAt: number | null
  readonly cleanSince: number | null
  /** When somebody reviewed it last. */
  readonly reviewedAt: number | null
}

/** Every figure with its thresholds, in the order they are judged. */
export const healthEvidence = (figures: HealthFigures): readonly HealthEvidence[] =>
  HEALTH_LIMITS.map(({ name, count, isRatio, slowAt, stopAt, sendsMin }) => ({
    name,
    count: count(figures),
    value: isRatio ? (figures.sends === 0 ? 0 : count(figures) / figures.sends) : count(figures),
    sends: isRatio ? figures.sends : null,
    slowAt,
    stopAt,
    isTooEarly: figures.sends < sendsMin,
  }))

const reasonOf = ({ name, value, sends }: HealthEvidence): string =>
  `${name} ${sends === null ? value : `${Math.round(value * 1000)}‰`}`

/** What the figures alone ask for, at their full limits. */
const strainOf = (
  evidence: readonly HealthEvidence[],
): { readonly health: AccountHealth; readonly reason: string | null } => {
  const telling = evidence.filter(({ isTooEarly }) => !isTooEarly)
  const stopping = telling.find(({ value, stopAt }) => value >= stopAt)
  if (stopping) return { health: 'stopped', reason: reasonOf(stopping) }
  const slowing = telling.find(({ value, slowAt }) => value >= slowAt)
  return slowing ? { health: 'slowed', reason: reasonOf(slowing) } : { health: 'normal', reason: null }
}

/** Whether every figure that says anything is below half of where it slows. */
const isClean = (evidence: readonly HealthEvidence[]): boolean =>
  evidence.every(({ isTooEarly, value, slowAt }) => isTooEarly || value < slowAt * RECOVERY_FACTOR)

/** Whether a review since it became so shortens the wait. */
const waitOf = ({ changedAt, reviewedAt }: HealthStanding): number =>
  reviewedAt !== null && reviewedAt > (changedAt ?? 0) ? REVIEWED_RECOVERY_MS : RECOVERY_MS

const levelOf = (health: AccountHealth): number => HEALTH_LEVELS.indexOf(health)

/** One step back towards full speed. */
const relieved = (health: AccountHealth): AccountHealth => HEALTH_LEVELS[levelOf(health) - 1] ?? 'normal'

/**
 * When a strained account may come back one step if nothing new happens, epoch ms; null for one at full speed or whose
 * figures are not clean yet.
 */
export const relievedAt = (standing: HealthStanding): number | null =>
  standing.health === 'normal' || standing.cleanSince === null
    ? null
    : Math.max(standing.cleanSince, standing.changedAt ?? 0) + waitOf(standing)

/**
 * How the account should go on at `now`. It is slowed or stopped at once; it comes back one step at a time, each after a
 * whole clean day, or six clean hours once a person has reviewed it. Pure and total.
 */
export const assessHealth = (figures: HealthFigures, standing: HealthStanding, now: number): HealthVerdict => {
  const evidence = healthEvidence(figures)
  const strain = strainOf(evidence)
  if (levelOf(strain.health) > levelOf(standing.health)) return { ...strain, cleanSince: null }
  if (standing.health === 'normal') return { health: 'normal', reason: null, cleanSince: null }
  const worst = evidence
    .filter(({ isTooEarly }) => !isTooEarly)
    .toSorted((a, b) => b.value / b.slowAt - a.value / a.slowAt)[0]
  const held = { health: standing.health, reason: worst ? reasonOf(worst) : null }
  if (!isClean(evidence)) return { ...held, cleanSince: null }
  const cleanSince = standing.cleanSince ?? now
  const freeAt = relievedAt({ ...standing, cleanSince }) ?? now
  if (freeAt > now) return { ...held, cleanSince }
  const health = relieved(standing.health)
  // The next step waits a whole clean stretch of its own.
  return health === 'normal'
    ? { health, reason: null, cleanSince: null }
    : { health, reason: held.reason, cleanSince: now }
}

/** When the account is at full speed again if nothing new happens, epoch ms; null for one that is, or is not clean yet. */
export const fullSpeedAt = (standing: HealthStanding): number | null => {
  const next = relievedAt(standing)
  return next === null ? null : next + (levelOf(standing.health) - 1) * RECOVERY_MS
}

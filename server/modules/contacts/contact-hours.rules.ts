/** Hours next to an active one count half, those two away a seventh: people are not punctual to the hour. */
const KERNEL = [1, 0.5, 0.15] as const

/** As if this many events had been seen already, spread like everybody's: few data change little. */
const PRIOR_EVENTS = 6

/** When people in general answer: little at night, most in the evening. Sums to 1; index is the local hour. */
const PRIOR_SHARES = [
  0.02, 0.01, 0.006, 0.004, 0.004, 0.006, 0.012, 0.024, 0.036, 0.046, 0.052, 0.054, 0.058, 0.056, 0.052, 0.05, 0.052,
  0.056, 0.064, 0.072, 0.08, 0.078, 0.066, 0.042,
] as const

/** Share of activity expected in each local hour 0–23, from the histogram smoothed around the clock and a weak prior. Sums to 1. */
export const hourShares = (hourCounts: readonly number[]): number[] => {
  const smoothed = PRIOR_SHARES.map((_, hour) =>
    KERNEL.reduce<number>((sum, weight, distance) => {
      const before = hourCounts[(hour - distance + 24) % 24] ?? 0
      const after = hourCounts[(hour + distance) % 24] ?? 0
      return sum + weight * (distance === 0 ? before : before + after)
    }, 0),
  )
  const kernelMass = KERNEL.reduce<number>((sum, weight, distance) => sum + (distance === 0 ? weight : 2 * weight), 0)
  const events = hourCounts.reduce((sum, n) => sum + n, 0)
  const priorMass = PRIOR_SHARES.reduce<number>((sum, share) => sum + share, 0)
  return smoothed.map(
    (mass, hour) =>
      (mass / kernelMass + (PRIOR_EVENTS * (PRIOR_SHARES[hour] ?? 0)) / priorMass) / (events + PRIOR_EVENTS),
  )
}

/**
 * The best hours to write to somebody: the `count` hours of greatest expected activity among `allowed` (local hours
 * 0–23, all of them if empty), best first. Ties go to the earlier hour, so the answer is the same everywhere.
 */
export const bestContactHours = (
  hourCounts: readonly number[],
  allowed: readonly number[] = [],
  count = 3,
): number[] => {
  const shares = hourShares(hourCounts)
  const hours = allowed.length > 0 ? [...new Set(allowed)] : shares.map((_, hour) => hour)
  return hours.toSorted((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b).slice(0, count)
}

/** How often to write to somebody. */
export interface FrequencyRecommendation {
  readonly everyHours: number
  readonly maxPerDay: number
  /** What decided, for the "why" on the contact's screen. */
  readonly reason: 'engaged' | 'responsive' | 'steady' | 'fading' | 'silent'
}

export interface FrequencyFacts {
  /** 0–100. */
  readonly engagementScore: number
  readonly outboundCount: number
  readonly responseCount: number
}

/** A response rate is believed as if two of ten earlier messages had been answered: the rate of a plain broadcast list. */
const RESPONSES_ASSUMED = 2
const MESSAGES_ASSUMED = 10

/**
 * Recommends how often to write: the more somebody answers, the more often; who never answered ten messages is left
 * alone for two weeks at a time. Never above `cap` (the strategy's or the hard ceiling's).
 */
export const recommendFrequency = (
  facts: FrequencyFacts,
  cap: { readonly everyHours: number; readonly maxPerDay: number },
): FrequencyRecommendation => {
  const rate = (facts.responseCount + RESPONSES_ASSUMED) / (facts.outboundCount + MESSAGES_ASSUMED)
  const plain = ((): FrequencyRecommendation => {
    if (facts.outboundCount >= 10 && facts.responseCount === 0)
      return { everyHours: 336, maxPerDay: 1, reason: 'silent' }
    if (facts.engagementScore >= 70 && rate >= 0.3) return { everyHours: 24, maxPerDay: 2, reason: 'engaged' }
    if (rate >= 0.3) return { everyHours: 48, maxPerDay: 1, reason: 'responsive' }
    if (facts.engagementScore >= 30 || rate >= 0.15) return { everyHours: 72, maxPerDay: 1, reason: 'steady' }
    return { everyHours: 168, maxPerDay: 1, reason: 'fading' }
  })()
  return {
    everyHours: Math.max(plain.everyHours, cap.everyHours),
    maxPerDay: Math.min(plain.maxPerDay, cap.maxPerDay),
    reason: plain.reason,
  }
}

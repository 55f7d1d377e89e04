/** Where a true ratio lies. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959963984540054

/** Wilson's score interval for `hits` of `total`, 95 %: sound for few trials and for ratios near 0 and 1. */
export const wilsonInterval = (hits: number, total: number): Interval => {
  if (total === 0) return { low: 0, high: 1 }
  const ratio = hits / total
  const scale = 1 + Z ** 2 / total
  const center = (ratio + Z ** 2 / (2 * total)) / scale
  const half = (Z * Math.sqrt((ratio * (1 - ratio)) / total + Z ** 2 / (4 * total ** 2))) / scale
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) }
}

export interface Difference extends Interval {
  readonly value: number
}

/**
 * The first ratio minus the second, with Newcombe's 95 % interval (his method 10, from two Wilson intervals): sound where
 * a group is small or nobody in it did anything. −1 to 1 while a group is empty.
 */
export const ratioDifference = (hits: number, total: number, otherHits: number, otherTotal: number): Difference => {
  if (total === 0 || otherTotal === 0) return { value: 0, low: -1, high: 1 }
  const [a, b] = [hits / total, otherHits / otherTotal]
  const [first, second] = [wilsonInterval(hits, total), wilsonInterval(otherHits, otherTotal)]
  return {
    value: a - b,
    low: a - b - Math.hypot(a - first.low, second.high - b),
    high: a - b + Math.hypot(first.high - a, b - second.low),
  }
}

/** How often something came of so many tries. */
export interface Tally {
  readonly hits: number
  readonly of: number
}

/**
 * Ranks by ratio, more tries first among equals, and tells how far the first is ahead of the second, 95 %; null where
 * there is nothing to compare it with. The lead is more than chance where its lower end lies above nothing. Pure.
 */
export const rankByRatio = <T>(
  rows: readonly T[],
  tallyOf: (row: T) => Tally,
): { readonly ranked: readonly T[]; readonly lead: Difference | null } => {
  const ratioOf = ({ hits, of }: Tally): number => (of === 0 ? 0 : hits / of)
  const ranked = rows.toSorted((one, other) => {
    const [a, b] = [tallyOf(one), tallyOf(other)]
    return ratioOf(b) - ratioOf(a) || b.of - a.of
  })
  const [best, second] = ranked.map(tallyOf)
  const lead = best && second && second.of > 0 ? ratioDifference(best.hits, best.of, second.hits, second.of) : null
  return { ranked, lead }
}

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

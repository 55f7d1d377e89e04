import { MINUTE_MS } from '#server/base/duration.ts'

/** What the way is held to (domain.md §8). */
export const KPI_GOALS = {
  successRatio: 0.95,
  paymentRatio: 0.8,
  setUpMs: 5 * MINUTE_MS,
  setUpBestMs: 2 * MINUTE_MS,
} as const

export interface RatioKpi {
  /** Null while there is nothing to divide by. */
  readonly ratio: number | null
  readonly count: number
  readonly of: number
  readonly goalRatio: number
  /** Null where there is no data. */
  readonly isMet: boolean | null
}

export interface DurationKpi {
  readonly medianMs: number | null
  readonly count: number
  /** Below it the goal is met. */
  readonly limitMs: number
  /** What is hoped for. */
  readonly bestMs: number
  readonly isMet: boolean | null
}

/** A share beside its goal; without anything to count there is nothing to say. */
export const ratioKpi = (count: number, of: number, goalRatio: number): RatioKpi => {
  const ratio = of === 0 ? null : count / of
  return { ratio, count, of, goalRatio, isMet: ratio === null ? null : ratio >= goalRatio }
}

export const setUpKpi = (medianMs: number | null, count: number): DurationKpi => ({
  medianMs,
  count,
  limitMs: KPI_GOALS.setUpMs,
  bestMs: KPI_GOALS.setUpBestMs,
  isMet: medianMs === null ? null : medianMs < KPI_GOALS.setUpMs,
})

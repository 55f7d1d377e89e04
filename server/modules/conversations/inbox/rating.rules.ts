import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Interval, wilsonInterval } from '#server/base/interval.ts'

import type { RatingChoice } from './inbox-setting.rules.ts'

export type RatingScale = Exclude<RatingChoice, 'off'>

/** What a face or a number of points is worth, 1–5: both scales can be averaged together. */
export const RATING_BUTTONS: Readonly<
  Record<RatingScale, readonly { readonly label: string; readonly value: number }[]>
> = {
  emoji: [
    { label: '😞', value: 1 },
    { label: '😐', value: 3 },
    { label: '😊', value: 5 },
  ],
  points: [1, 2, 3, 4, 5].map((value) => ({ label: `${value} ⭐`, value })),
}

export const RATING_MAX = 5

/** Who is asked wrote within this time, and was not asked within that. */
const WROTE_WITHIN_MS = DAY_MS
const ASKED_AGAIN_MS = 30 * DAY_MS
/** A press may be taken back for so long, and a comment written. */
const CHANGEABLE_MS = DAY_MS
export const COMMENT_MS = 15 * MINUTE_MS

export interface RatingOccasion {
  readonly choice: RatingChoice
  /** When the contact really wrote last to the account; null for never. */
  readonly lastWroteAt: number | null
  readonly lastAskedAt: number | null
  readonly suppressedAt: number | null
  readonly canShowButtons: boolean
}

/** Whether a contact may be asked how it was: only who wrote lately, seldom, and never after a stop. Pure and total. */
export const mayAsk = (
  { choice, lastWroteAt, lastAskedAt, suppressedAt, canShowButtons }: RatingOccasion,
  at: number,
): boolean =>
  choice !== 'off' &&
  canShowButtons &&
  suppressedAt === null &&
  lastWroteAt !== null &&
  at - lastWroteAt <= WROTE_WITHIN_MS &&
  (lastAskedAt === null || at - lastAskedAt >= ASKED_AGAIN_MS)

/** Whether what was pressed first at `ratedAt` can still be changed. */
export const isChangeable = (ratedAt: number | null, at: number): boolean =>
  ratedAt === null || at - ratedAt <= CHANGEABLE_MS

/** Ratings of one group, counted by value. */
export interface RatingCounts {
  /** How many of 1, 2, 3, 4, 5. */
  readonly distribution: readonly number[]
}

export interface RatingSummary extends RatingCounts {
  readonly count: number
  /** 1–5; null without any. */
  readonly average: number | null
  /** Where the true average lies with at least 95 % confidence, 1–5. */
  readonly interval: Interval
}

/**
 * Average and interval of ratings. No values between two bounds vary more than those at the bounds, so Wilson's interval
 * of a ratio holds for their mean as well, and is never too narrow.
 */
export const summarise = ({ distribution }: RatingCounts): RatingSummary => {
  const count = distribution.reduce((sum, n) => sum + n, 0)
  const total = distribution.reduce((sum, n, i) => sum + n * (i + 1), 0)
  const span = RATING_MAX - 1
  const { low, high } = wilsonInterval((total - count) / span, count)
  return {
    distribution,
    count,
    average: count === 0 ? null : total / count,
    interval: { low: 1 + low * span, high: 1 + high * span },
  }
}

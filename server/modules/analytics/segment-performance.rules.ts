import { SEGMENTS, type Segment } from '#contract/words.ts'
import { type Interval, wilsonInterval } from '#server/base/interval.ts'

/** What came of the deliveries sent to one segment in a period. */
export interface SegmentCounts {
  readonly segment: Segment
  readonly sent: number
  readonly responded: number
  readonly clicked: number
  readonly converted: number
  readonly optedOut: number
  readonly blocked: number
}

export interface SegmentPerformance extends SegmentCounts {
  /** Responses per sent delivery 0–1; null before anything was sent. */
  readonly responseRatio: number | null
  /** Where the true ratio lies, with 95 % confidence; the whole range before anything was sent. */
  readonly responseInterval: Interval
  readonly conversionRatio: number | null
  /** Opt-outs and blocks per sent delivery 0–1. */
  readonly lossRatio: number | null
}

const ratioOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)

const EMPTY = { sent: 0, responded: 0, clicked: 0, converted: 0, optedOut: 0, blocked: 0 } as const

/** One row per segment, those with the highest proven response first: few lucky answers do not beat many. */
export const compareSegments = (counts: readonly SegmentCounts[]): readonly SegmentPerformance[] =>
  SEGMENTS.map((segment) => {
    const found = counts.find((row) => row.segment === segment) ?? { segment, ...EMPTY }
    return {
      ...found,
      responseRatio: ratioOf(found.responded, found.sent),
      responseInterval: wilsonInterval(found.responded, found.sent),
      conversionRatio: ratioOf(found.converted, found.sent),
      lossRatio: ratioOf(found.optedOut + found.blocked, found.sent),
    }
  }).sort((a, b) => b.responseInterval.low - a.responseInterval.low || b.sent - a.sent)

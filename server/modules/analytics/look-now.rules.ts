import type { AttentionKind } from '#contract/words.ts'
import { type Interval, wilsonInterval } from '#server/base/interval.ts'

/** What a campaign sent and how many answered. */
export interface CampaignAnswers {
  readonly id: number
  readonly name: string
  readonly delivered: number
  readonly answered: number
  readonly converted: number
}

export interface RankedCampaign extends CampaignAnswers {
  /** Answers per message that arrived, with 95 % confidence. */
  readonly answerInterval: Interval
}

/**
 * The campaign that is proven best by answers, and the one that is proven worst: a few lucky answers make no campaign the
 * best, a few messages without one none the worst. With a single campaign there is no worst.
 */
export const bestAndWorst = (
  campaigns: readonly CampaignAnswers[],
): { readonly best: RankedCampaign | null; readonly worst: RankedCampaign | null } => {
  const ranked = campaigns.map((row) => ({ ...row, answerInterval: wilsonInterval(row.answered, row.delivered) }))
  const best = ranked.toSorted((a, b) => b.answerInterval.low - a.answerInterval.low || b.delivered - a.delivered)[0]
  const worst = ranked
    .filter((row) => row !== best)
    .toSorted((a, b) => a.answerInterval.high - b.answerInterval.high || b.delivered - a.delivered)[0]
  return { best: best ?? null, worst: worst ?? null }
}

/** Something that waits for a person. */
export interface Attention {
  readonly kind: AttentionKind
  readonly count: number
  /** Until when, epoch ms, where there is such a time. */
  readonly until: number | null
  /** What it is about: an account's or a limit's name; null where the kind says it all. */
  readonly about: string | null
}

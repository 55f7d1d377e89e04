import { type Difference, type Interval, ratioDifference, wilsonInterval } from '#server/base/interval.ts'

/** People of a campaign who were chosen for one side of its comparison, and what they bought within a week. */
export interface SideCounts {
  readonly people: number
  /** People with a paid order. */
  readonly converted: number
  readonly revenueMinor: number
}

export interface Side extends SideCounts {
  /** 0–1; null where nobody is. */
  readonly ratio: number | null
  readonly interval: Interval
}

/** What a campaign changed: everybody it was meant for against those withheld by chance, whatever became of the messages. */
export interface Effect {
  readonly treated: Side
  readonly holdout: Side
  /** Conversion of the treated minus that of the holdout; null without a holdout. */
  readonly lift: Difference | null
  /** The interval lies on one side of nothing: more than chance. */
  readonly isProven: boolean
}

const sideOf = (counts: SideCounts): Side => ({
  ...counts,
  ratio: counts.people === 0 ? null : counts.converted / counts.people,
  interval: wilsonInterval(counts.converted, counts.people),
})

/** Compares the two sides. Pure and total. */
export const compareSides = (treated: SideCounts, holdout: SideCounts): Effect => {
  const lift =
    holdout.people === 0 || treated.people === 0
      ? null
      : ratioDifference(treated.converted, treated.people, holdout.converted, holdout.people)
  return {
    treated: sideOf(treated),
    holdout: sideOf(holdout),
    lift,
    isProven: lift !== null && (lift.low > 0 || lift.high < 0),
  }
}

/** What the tenant's package gives and asks for. */
export interface PackageTerms {
  readonly package: string
  /** For one period, in minor units; null where it is agreed. */
  readonly priceMinor: number | null
  /** Messages of a period; null for no limit. */
  readonly messagesMax: number | null
  readonly currency: string
}

export interface CampaignCost {
  readonly package: string
  readonly currency: string
  /** Share of the package's price, in minor units; null where the price is agreed with the operator. */
  readonly totalMinor: number | null
  /** By what the price was divided: the package's messages, or where it has no limit those sent in the last 30 days. */
  readonly basis: 'quota' | 'usage'
  readonly messages: number
}

/** What a campaign's messages cost, as their share of the package. Pure and total. */
export const costOf = (sent: number, terms: PackageTerms, sentLastMonth: number): CampaignCost => {
  const whole = terms.messagesMax ?? Math.max(sentLastMonth, sent)
  const totalMinor = terms.priceMinor === null || whole === 0 ? null : Math.round((terms.priceMinor * sent) / whole)
  return {
    package: terms.package,
    currency: terms.currency,
    totalMinor: sent === 0 && terms.priceMinor !== null ? 0 : totalMinor,
    basis: terms.messagesMax === null ? 'usage' : 'quota',
    messages: sent,
  }
}

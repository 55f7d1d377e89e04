/**
 * The prior of conversion: log-odds of a first paid order within seven days, as a sum of what is known to speak for it.
 * The weights are judgement, not a fit: they put the people of the examples in docs/segments.md where a seller would.
 * They serve until a tenant has outcomes enough for a model of its own, so the score ranks people; it does not promise
 * that 40 of 100 people with the score 40 buy.
 */
export const CONVERSION_PRIOR = {
  intercept: -3.2,
  /** Per point of engagement. */
  engagement: 0.035,
  /** Per ln(1 + responses + clicks). */
  answers: 0.45,
  /** Per price-intent event of the last 30 days, of which the first three count. */
  priceIntent: 0.8,
  priceIntentsCounted: 3,
  /** Once, for somebody who has ever paid. */
  customer: 0.9,
} as const

export interface ConversionInputs {
  readonly engagement: number
  readonly responses: number
  readonly clicks: number
  readonly priceIntents30d: number
  readonly orders: number
}

/** Conversion score 0–100 by the prior: 100 / (1 + e^−z). */
export const conversionPrior = (inputs: ConversionInputs): number => {
  const p = CONVERSION_PRIOR
  const z =
    p.intercept +
    p.engagement * inputs.engagement +
    p.answers * Math.log(1 + inputs.responses + inputs.clicks) +
    p.priceIntent * Math.min(inputs.priceIntents30d, p.priceIntentsCounted) +
    (inputs.orders > 0 ? p.customer : 0)
  return 100 / (1 + Math.exp(-z))
}

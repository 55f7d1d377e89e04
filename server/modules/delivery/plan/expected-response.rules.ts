import type { MessageStyle, Segment } from '#contract/words.ts'

/** A probability with the interval that holds it in nine cases of ten, all 0–1. */
export interface ExpectedResponse {
  readonly ratio: number
  readonly lowRatio: number
  readonly highRatio: number
}

/**
 * The shipped prior: how often people of a segment are expected to answer within 24 hours before a tenant has outcomes
 * of its own. These are judgements ordered by how warm a segment is, not measurements: hence the weight below, which
 * twenty real sends outweigh.
 */
const SEGMENT_PRIOR_RATIO: Readonly<Record<Segment, number>> = {
  HOT_LEAD: 0.18,
  LOYAL_CUSTOMER: 0.15,
  ENGAGED: 0.14,
  NEW_USER: 0.12,
  BOT_LOVER: 0.12,
  WARM_LEAD: 0.1,
  PREMIUM_POTENTIAL: 0.09,
  PRICE_SENSITIVE: 0.08,
  NIGHT_OWL: 0.08,
  SOCIAL_BUTTERFLY: 0.08,
  LURKER: 0.03,
  COLD_LEAD: 0.02,
}

/** The prior counts as this many sends. */
const PRIOR_SENDS = 20

/** A style other than the one made for the segment is expected to answer a little worse. */
const OTHER_STYLE_FACTOR = 0.85

const SEGMENT_STYLE: Readonly<Record<Segment, MessageStyle>> = {
  HOT_LEAD: 'direct_sales',
  LOYAL_CUSTOMER: 'appreciation',
  ENGAGED: 'friendly_engaging',
  WARM_LEAD: 'soft_value',
  PREMIUM_POTENTIAL: 'premium_value',
  NEW_USER: 'welcome',
  BOT_LOVER: 'playful',
  PRICE_SENSITIVE: 'offer',
  NIGHT_OWL: 'calm_night',
  SOCIAL_BUTTERFLY: 'community',
  LURKER: 'low_pressure',
  COLD_LEAD: 're_introduction',
}

/** Half and one and a half times bound what an hour can do; the root keeps a thin histogram from deciding everything. */
const hourFactor = (hourShare: number): number => Math.min(1.5, Math.max(0.5, Math.sqrt(Math.max(0, hourShare) * 24)))

/** The 95th percentile of the standard normal distribution: five per cent lie outside on either side. */
const Z_90 = 1.645

/**
 * The prior chance that a message is answered, by segment, style and the contact's share of activity in its hour
 * (`hourShare` 0–1, 1/24 is average). The interval is that of a Beta distribution with the prior's weight, taken as
 * normal on the logit scale.
 */
export const expectedResponse = (segment: Segment, style: MessageStyle, hourShare: number): ExpectedResponse => {
  const styleFactor = SEGMENT_STYLE[segment] === style ? 1 : OTHER_STYLE_FACTOR
  const ratio = Math.min(0.95, SEGMENT_PRIOR_RATIO[segment] * styleFactor * hourFactor(hourShare))
  const hits = ratio * PRIOR_SENDS
  const spread = Z_90 * Math.sqrt(1 / hits + 1 / (PRIOR_SENDS - hits))
  const logit = Math.log(ratio / (1 - ratio))
  const unlogit = (x: number): number => 1 / (1 + Math.exp(-x))
  return { ratio, lowRatio: unlogit(logit - spread), highRatio: unlogit(logit + spread) }
}

/** The best the prior can promise: the top segment in its own style at its best hour. */
const TOP_RATIO = 0.18 * 1.5

/** Place in the queue, 1–100: the strategy's priority (1–10) times the expected response. */
export const outreachPriority = (strategyPriority: number, ratio: number): number =>
  Math.max(1, Math.min(100, Math.round(100 * (strategyPriority / 10) * Math.min(1, ratio / TOP_RATIO))))

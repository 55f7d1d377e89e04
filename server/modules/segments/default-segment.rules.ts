import type { Segment } from '#contract/words.ts'

import { type Condition, type SegmentRules, forEachSegment } from './segment.rules.ts'

const DEFAULTS: Readonly<
  Record<Segment, { readonly baseConfidence: number; readonly conditions: readonly Condition[] }>
> = {
  HOT_LEAD: {
    baseConfidence: 90,
    conditions: [
      { feature: 'engagement', op: '>=', value: 70 },
      { feature: 'conversion', op: '>=', value: 70 },
      { feature: 'interactions', op: '>=', value: 5 },
      { feature: 'daysSinceSeen', op: '<=', value: 3 },
    ],
  },
  WARM_LEAD: {
    baseConfidence: 80,
    conditions: [
      { without: 'HOT_LEAD' },
      { feature: 'engagement', op: '>=', value: 50 },
      { feature: 'conversion', op: '>=', value: 40 },
      { feature: 'interactions', op: '>=', value: 3 },
      { feature: 'daysSinceSeen', op: '<=', value: 7 },
    ],
  },
  COLD_LEAD: {
    baseConfidence: 80,
    conditions: [
      { feature: 'engagement', op: '<=', value: 30 },
      { feature: 'conversion', op: '<=', value: 30 },
      { feature: 'daysSinceSeen', op: '>', value: 30 },
      { feature: 'daysKnown', op: '>', value: 30 },
    ],
  },
  ENGAGED: {
    baseConfidence: 95,
    conditions: [
      { feature: 'engagement', op: '>=', value: 80 },
      { feature: 'interactions', op: '>=', value: 10 },
      { feature: 'daysSinceSeen', op: '<=', value: 3 },
    ],
  },
  BOT_LOVER: {
    baseConfidence: 85,
    conditions: [
      { feature: 'accounts', op: '>=', value: 3 },
      { feature: 'engagement', op: '>=', value: 60 },
    ],
  },
  NIGHT_OWL: {
    baseConfidence: 90,
    conditions: [
      { feature: 'nightShare', op: '>=', value: 0.6 },
      { feature: 'activityEvents', op: '>=', value: 10 },
    ],
  },
  NEW_USER: {
    baseConfidence: 100,
    conditions: [
      { feature: 'daysKnown', op: '<=', value: 7 },
      { feature: 'interactions', op: '<=', value: 5 },
    ],
  },
  PREMIUM_POTENTIAL: {
    baseConfidence: 85,
    conditions: [
      { feature: 'isPremium', op: '=', value: true },
      { feature: 'engagement', op: '>=', value: 60 },
      { feature: 'conversion', op: '>=', value: 50 },
    ],
  },
  SOCIAL_BUTTERFLY: {
    baseConfidence: 85,
    conditions: [{ feature: 'chatsActive30d', op: '>=', value: 4 }],
  },
  LURKER: {
    baseConfidence: 80,
    conditions: [
      { feature: 'memberDays', op: '>=', value: 14 },
      { feature: 'groupMessages30d', op: '<=', value: 1 },
      { feature: 'clicksOrReactions', op: '>=', value: 1 },
    ],
  },
  PRICE_SENSITIVE: {
    baseConfidence: 85,
    conditions: [
      { feature: 'priceIntents30d', op: '>=', value: 2 },
      { feature: 'daysSincePaid', op: '>', value: 30 },
    ],
  },
  LOYAL_CUSTOMER: {
    baseConfidence: 95,
    conditions: [
      { feature: 'orders', op: '>=', value: 2 },
      { feature: 'daysSincePaid', op: '<=', value: 35 },
    ],
  },
}

/** The twelve rules every tenant starts with, version 1. */
export const DEFAULT_SEGMENT_RULES: SegmentRules = forEachSegment((segment) => ({
  segment,
  version: 1,
  enabled: true,
  ...DEFAULTS[segment],
}))

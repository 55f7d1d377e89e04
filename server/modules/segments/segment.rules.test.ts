import { describe, expect, it } from 'vitest'

import { SEGMENTS, type Segment } from '#contract/words.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import { DEFAULT_SEGMENT_RULES } from './default-segment.rules.ts'
import { type FeatureRow, featureValue } from './feature.rules.ts'
import {
  DEFAULT_SEGMENT_PRIORITIES,
  type HeldSegment,
  evaluateRules,
  marginOf,
  mergeHeld,
  primaryOf,
  primaryOrder,
} from './segment.rules.ts'

/** Somebody known for 100 days and last seen 10 days ago, who belongs nowhere. */
const NOBODY: FeatureRow = {
  firstSeenAt: NOON - 100 * DAY_MS,
  lastSeenAt: NOON - 10 * DAY_MS,
  isPremium: false,
  inboundCount: 8,
  outboundCount: 0,
  responseCount: 0,
  clickCount: 0,
  reactionCount: 0,
  orderCount: 0,
  lastPaidAt: null,
  accountCount: 1,
  engagementMass: 3,
  engagementAt: NOON,
  memberSince: null,
  priceIntentAt: [],
  groupMessageAt: [],
  chatActiveAt: [],
  hourCounts: Array.from({ length: 24 }, () => 0),
}

const hours = (counts: Readonly<Record<number, number>>) => Array.from({ length: 24 }, (_, h) => counts[h] ?? 0)
const daysAgo = (...days: readonly number[]) => days.map((d) => NOON - d * DAY_MS)

const segmentsOf = (change: Partial<FeatureRow>): readonly Segment[] =>
  mergeHeld(evaluateRules(DEFAULT_SEGMENT_RULES, { ...NOBODY, ...change }, NOON)).map((held) => held.segment)

/** Mass of which the engagement is `score` at once. */
const massOf = (score: number) => -6 * Math.log(1 - score / 100)

const HOT = {
  engagementMass: massOf(85),
  inboundCount: 9,
  clickCount: 2,
  responseCount: 2,
  lastSeenAt: NOON - HOUR_MS,
  priceIntentAt: daysAgo(1, 2),
  lastPaidAt: NOON - DAY_MS,
}

describe('DEFAULT_SEGMENT_RULES', () => {
  it('puts nobody anywhere who meets no rule', () => {
    expect(segmentsOf({})).toEqual([])
  })

  const inside: readonly (readonly [Segment, Partial<FeatureRow>, Partial<FeatureRow>])[] = [
    ['HOT_LEAD', HOT, { ...HOT, inboundCount: 2 }],
    ['WARM_LEAD', { ...HOT, lastSeenAt: NOON - 7 * DAY_MS }, { ...HOT, lastSeenAt: NOON - 7 * DAY_MS - 1 }],
    [
      'COLD_LEAD',
      { engagementMass: 0, lastSeenAt: NOON - 30 * DAY_MS - 1 },
      { engagementMass: 0, lastSeenAt: NOON - 30 * DAY_MS },
    ],
    [
      'ENGAGED',
      { engagementMass: massOf(81), inboundCount: 10, lastSeenAt: NOON - 3 * DAY_MS },
      { engagementMass: massOf(79), inboundCount: 10, lastSeenAt: NOON - 3 * DAY_MS },
    ],
    ['BOT_LOVER', { accountCount: 3, engagementMass: massOf(61) }, { accountCount: 2, engagementMass: massOf(61) }],
    ['NIGHT_OWL', { hourCounts: hours({ 22: 3, 3: 3, 12: 4 }) }, { hourCounts: hours({ 22: 3, 4: 3, 12: 4 }) }],
    [
      'NEW_USER',
      { firstSeenAt: NOON - 7 * DAY_MS, inboundCount: 5 },
      { firstSeenAt: NOON - 7 * DAY_MS, inboundCount: 6 },
    ],
    [
      'PREMIUM_POTENTIAL',
      { isPremium: true, engagementMass: massOf(75), priceIntentAt: daysAgo(1) },
      { isPremium: false, engagementMass: massOf(75), priceIntentAt: daysAgo(1) },
    ],
    ['SOCIAL_BUTTERFLY', { chatActiveAt: daysAgo(1, 2, 3, 29) }, { chatActiveAt: daysAgo(1, 2, 3, 30) }],
    [
      'LURKER',
      { memberSince: NOON - 14 * DAY_MS, groupMessageAt: daysAgo(2, 31), reactionCount: 1 },
      { memberSince: NOON - 14 * DAY_MS, groupMessageAt: daysAgo(2, 3), reactionCount: 1 },
    ],
    [
      'PRICE_SENSITIVE',
      { priceIntentAt: daysAgo(3, 20) },
      { priceIntentAt: daysAgo(3, 20), lastPaidAt: NOON - 5 * DAY_MS },
    ],
    [
      'LOYAL_CUSTOMER',
      { orderCount: 2, lastPaidAt: NOON - 35 * DAY_MS },
      { orderCount: 2, lastPaidAt: NOON - 35 * DAY_MS - 1 },
    ],
  ]

  it.each(inside)('holds %s on the near side of its thresholds and not beyond', (segment, near, beyond) => {
    expect(segmentsOf(near)).toContain(segment)
    expect(segmentsOf(beyond)).not.toContain(segment)
  })

  it('has an example above for each of the twelve', () => {
    expect(inside.map(([segment]) => segment)).toEqual(SEGMENTS)
  })

  it('never calls a lead hot and warm at once', () => {
    expect(segmentsOf(HOT)).toContain('HOT_LEAD')
    expect(segmentsOf(HOT)).not.toContain('WARM_LEAD')
  })

  it('does not call people cold who were never known for a month', () => {
    expect(segmentsOf({ engagementMass: 0, lastSeenAt: null, firstSeenAt: NOON - 29 * DAY_MS })).not.toContain(
      'COLD_LEAD',
    )
    expect(segmentsOf({ engagementMass: 0, lastSeenAt: null })).toContain('COLD_LEAD')
  })
})

describe('evaluateRules', () => {
  it('shows the steps of a confidence: 0.7 for passing, 0.2 for the margin, 0.1 for the evidence', () => {
    const trace = evaluateRules(
      DEFAULT_SEGMENT_RULES,
      { ...NOBODY, accountCount: 6, engagementMass: massOf(80) },
      NOON,
    ).BOT_LOVER
    // Six accounts where three are asked for: 1 − 3/6. Eighty points where sixty are: (80 − 60) / (100 − 60).
    expect(trace.conditions.map((c) => c.margin)).toEqual([0.5, expect.closeTo(0.5, 9)])
    expect(trace.margin).toBeCloseTo(0.5, 9)
    // Eight interactions: 8 / (8 + 5).
    expect(trace.evidence).toBeCloseTo(8 / 13, 9)
    expect(trace.confidence).toBe(Math.round(85 * (0.7 + 0.2 * 0.5 + (0.1 * 8) / 13)))
  })

  it('counts plain facts as full evidence', () => {
    const fresh = { ...NOBODY, firstSeenAt: NOON, inboundCount: 0 }
    expect(evaluateRules(DEFAULT_SEGMENT_RULES, fresh, NOON).NEW_USER).toMatchObject({
      margin: 1,
      evidence: 1,
      confidence: 100,
    })
  })

  it('takes a segment given by hand as held where a rule excludes it', () => {
    const row = { ...NOBODY, ...HOT, lastSeenAt: NOON - 5 * DAY_MS }
    expect(evaluateRules(DEFAULT_SEGMENT_RULES, row, NOON).WARM_LEAD.passed).toBe(true)
    expect(evaluateRules(DEFAULT_SEGMENT_RULES, row, NOON, new Set(['HOT_LEAD'])).WARM_LEAD.passed).toBe(false)
  })

  it('lets a disabled rule hold for nobody', () => {
    const rules = { ...DEFAULT_SEGMENT_RULES, HOT_LEAD: { ...DEFAULT_SEGMENT_RULES.HOT_LEAD, enabled: false } }
    const traces = evaluateRules(rules, { ...NOBODY, ...HOT }, NOON)
    expect(traces.HOT_LEAD.confidence).toBeNull()
    expect(traces.WARM_LEAD.passed).toBe(true)
  })
})

describe('marginOf', () => {
  it('is 0 at the threshold and grows away from it, never past 1', () => {
    const atMost = { feature: 'daysSinceSeen', op: '<=', value: 3 } as const
    expect([3, 1.5, 0].map((x) => marginOf(atMost, x))).toEqual([0, 0.5, 1])
    const older = { feature: 'daysSincePaid', op: '>', value: 30 } as const
    expect([30, 60, Infinity].map((x) => marginOf(older, x))).toEqual([0, 0.5, 1])
    const all = { feature: 'engagement', op: '>=', value: 100 } as const
    expect(marginOf(all, 100)).toBe(1)
  })
})

describe('featureValue', () => {
  it('calls an age without an instant endless or nothing, as the rules need it', () => {
    const row = { ...NOBODY, lastSeenAt: null }
    expect(featureValue('daysSinceSeen', row, NOON)).toBe(Infinity)
    expect(featureValue('daysSincePaid', row, NOON)).toBe(Infinity)
    expect(featureValue('memberDays', row, NOON)).toBe(0)
  })

  it('counts an instant in the future, as of a clock that runs ahead, as now', () => {
    expect(featureValue('daysSinceSeen', { ...NOBODY, lastSeenAt: NOON + DAY_MS }, NOON)).toBe(0)
  })
})

describe('primaryOf', () => {
  const held = (segment: Segment, confidence: number): HeldSegment => ({ segment, source: 'rule', confidence })

  it('takes the highest priority among those of confidence 60 and more', () => {
    const three = [held('LURKER', 90), held('ENGAGED', 60), held('HOT_LEAD', 59)]
    expect(primaryOf(three, DEFAULT_SEGMENT_PRIORITIES)).toBe('ENGAGED')
    expect(primaryOf([held('HOT_LEAD', 59)], DEFAULT_SEGMENT_PRIORITIES)).toBeNull()
  })

  it('follows the priorities of the strategies, and settles equal ones the same way every time', () => {
    const both = [held('PREMIUM_POTENTIAL', 100), held('WARM_LEAD', 61)]
    expect(primaryOf(both, DEFAULT_SEGMENT_PRIORITIES)).toBe('WARM_LEAD')
    expect(primaryOf(both, { ...DEFAULT_SEGMENT_PRIORITIES, PREMIUM_POTENTIAL: 8 })).toBe('PREMIUM_POTENTIAL')
  })

  it('knows a place for each of the twelve', () => {
    expect([...primaryOrder(DEFAULT_SEGMENT_PRIORITIES)].sort()).toEqual([...SEGMENTS].sort())
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { bestContactHours, hourShares, recommendFrequency } from './contact-hours.rules.ts'

const histogram = fc.array(fc.nat({ max: 200 }), { minLength: 24, maxLength: 24 })
const none = Array.from({ length: 24 }, () => 0)
const at = (counts: Record<number, number>) => none.map((n, hour) => counts[hour] ?? n)

describe('hourShares', () => {
  test('is a distribution for every histogram', () => {
    fc.assert(
      fc.property(histogram, (counts) => {
        const shares = hourShares(counts)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
        expect(Math.min(...shares)).toBeGreaterThan(0)
      }),
    )
  })
})

describe('bestContactHours', () => {
  test('is the evening for somebody nobody knows yet', () => {
    expect(bestContactHours(none)).toEqual([20, 21, 19])
  })

  test('follows what the person does, also around midnight', () => {
    expect(bestContactHours(at({ 7: 30, 8: 10 }))[0]).toBe(7)
    expect(bestContactHours(at({ 23: 20, 0: 30 }), [], 2)).toEqual([0, 23])
  })

  test('never leaves the allowed hours and never repeats one', () => {
    fc.assert(
      fc.property(
        histogram,
        fc.uniqueArray(fc.nat({ max: 23 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 24 }),
        (counts, allowed, count) => {
          const hours = bestContactHours(counts, allowed, count)
          expect(hours).toHaveLength(Math.min(count, allowed.length))
          expect(new Set(hours).size).toBe(hours.length)
          for (const hour of hours) expect(allowed).toContain(hour)
        },
      ),
    )
  })
})

describe('recommendFrequency', () => {
  const cap = { everyHours: 24, maxPerDay: 2 }

  test('never exceeds the cap', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.nat({ max: 500 }),
        fc.nat({ max: 500 }),
        fc.integer({ min: 2, max: 400 }),
        fc.nat({ max: 5 }),
        (engagementScore, outboundCount, responses, everyHours, maxPerDay) => {
          const facts = { engagementScore, outboundCount, responseCount: Math.min(responses, outboundCount) }
          const advice = recommendFrequency(facts, { everyHours, maxPerDay })
          expect(advice.everyHours).toBeGreaterThanOrEqual(everyHours)
          expect(advice.maxPerDay).toBeLessThanOrEqual(maxPerDay)
        },
      ),
    )
  })

  test('writes often to those who answer, seldom to those who fade, hardly to those who never did', () => {
    expect(recommendFrequency({ engagementScore: 85, outboundCount: 10, responseCount: 8 }, cap)).toEqual({
      everyHours: 24,
      maxPerDay: 2,
      reason: 'engaged',
    })
    expect(recommendFrequency({ engagementScore: 10, outboundCount: 10, responseCount: 8 }, cap).reason).toBe(
      'responsive',
    )
    expect(recommendFrequency({ engagementScore: 40, outboundCount: 5, responseCount: 0 }, cap).reason).toBe('steady')
    expect(recommendFrequency({ engagementScore: 5, outboundCount: 9, responseCount: 0 }, cap).reason).toBe('fading')
    expect(recommendFrequency({ engagementScore: 5, outboundCount: 10, responseCount: 0 }, cap)).toEqual({
      everyHours: 336,
      maxPerDay: 1,
      reason: 'silent',
    })
  })
})

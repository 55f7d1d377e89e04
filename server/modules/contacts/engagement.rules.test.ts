import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'

import {
  ENGAGEMENT_HALF_LIFE_MS,
  type EngagementMass,
  addToMass,
  decayMass,
  engagementScore,
} from './engagement.rules.ts'

const START = Date.UTC(2026, 5, 1)
const empty: EngagementMass = { mass: 0, massAt: null }
const instants = fc.integer({ min: START, max: START + 400 * DAY_MS })
const events = fc.array(fc.record({ at: instants, weight: fc.constantFrom(0.25, 0.5, 1, 1.5, 5) }), {
  minLength: 1,
  maxLength: 40,
})

describe('addToMass', () => {
  test('comes to the same for every order of events', () => {
    fc.assert(
      fc.property(
        events.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const sum = (es: typeof list) => es.reduce((m, e) => addToMass(m, e.weight, e.at), empty)
          const [a, b] = [sum(list), sum(shuffled)]
          expect(b.massAt).toBe(a.massAt)
          expect(b.mass).toBeCloseTo(a.mass, 9)
        },
      ),
    )
  })

  test('is the sum of the weights, each halved for every seven days', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 100 }), (list, days) => {
        const { mass, massAt } = list.reduce((m, e) => addToMass(m, e.weight, e.at), empty)
        const now = (massAt ?? 0) + days * DAY_MS
        const direct = list.reduce((sum, e) => sum + e.weight * 0.5 ** ((now - e.at) / (7 * DAY_MS)), 0)
        expect(decayMass(mass, massAt, now)).toBeCloseTo(direct, 9)
      }),
    )
  })
})

describe('engagementScore', () => {
  test('starts at nothing, stays within 0 and 100, grows with events and fades with time', () => {
    expect(engagementScore(0, null, START)).toBe(0)
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 }), (list, days, more) => {
        const { mass, massAt } = list.reduce((m, e) => addToMass(m, e.weight, e.at), empty)
        const now = (massAt ?? 0) + days * DAY_MS
        const score = engagementScore(mass, massAt, now)
        expect(score).toBeGreaterThan(0)
        expect(score).toBeLessThanOrEqual(100)
        const grown = addToMass({ mass, massAt }, 1, now)
        expect(engagementScore(grown.mass, grown.massAt, now)).toBeGreaterThanOrEqual(score)
        expect(engagementScore(mass, massAt, now + more * DAY_MS)).toBeLessThanOrEqual(score)
      }),
    )
  })

  test('makes ten messages of a day very engaged, five engaged, one a greeting', () => {
    expect(engagementScore(10, START, START)).toBeCloseTo(81.1, 1)
    expect(engagementScore(5, START, START)).toBeCloseTo(56.5, 1)
    expect(engagementScore(1, START, START)).toBeCloseTo(15.4, 1)
    expect(engagementScore(10, START, START + ENGAGEMENT_HALF_LIFE_MS)).toBeCloseTo(56.5, 1)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MESSAGE_STYLES, SEGMENTS } from '#contract/words.ts'
import { seededRandom } from '#server/base/random.ts'

import { armsOf, chooseArm } from './arm.rules.ts'
import { expectedResponse, outreachPriority } from './expected-response.rules.ts'

const arm = (key: string, weight: number) => ({ key, templateId: 1, variant: key, weight })

describe('armsOf', () => {
  it('counts translations as one arm and leaves out weight 0', () => {
    const variant = (name: string, locale: 'tr' | 'en', weight: number) => ({
      name,
      locale,
      text: 'x',
      media: null,
      buttons: [],
      weight,
    })
    const arms = armsOf({ id: 7, variants: [variant('a', 'tr', 3), variant('a', 'en', 3), variant('b', 'tr', 0)] })
    expect(arms).toEqual([{ key: '7:a', templateId: 7, variant: 'a', weight: 3 }])
  })
})

describe('chooseArm', () => {
  it('chooses by weight and records the chance each had', () => {
    const random = seededRandom(1)
    const arms = [arm('a', 1), arm('b', 3)]
    const drawn = Array.from({ length: 8_000 }, () => chooseArm(arms, new Set(), random))
    const ofB = drawn.filter((choice) => choice?.key === 'b')
    expect(ofB.length / drawn.length).toBeCloseTo(0.75, 1)
    expect(ofB[0]?.propensity).toBe(0.75)
  })

  it('leaves out what was said lately, and says null when nothing is left', () => {
    const arms = [arm('a', 1), arm('b', 3)]
    expect(chooseArm(arms, new Set(['b']), seededRandom(1))).toMatchObject({ key: 'a', propensity: 1 })
    expect(chooseArm(arms, new Set(['a', 'b']), seededRandom(1))).toBeNull()
  })
})

describe('expectedResponse', () => {
  it('is a probability inside its interval, greater at better hours, for every segment and style', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEGMENTS),
        fc.constantFrom(...MESSAGE_STYLES),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (segment, style, share) => {
          const { ratio, lowRatio, highRatio } = expectedResponse(segment, style, share)
          expect(lowRatio).toBeGreaterThan(0)
          expect(lowRatio).toBeLessThan(ratio)
          expect(ratio).toBeLessThan(highRatio)
          expect(highRatio).toBeLessThan(1)
          expect(expectedResponse(segment, style, 0).ratio).toBeLessThanOrEqual(ratio)
        },
      ),
    )
  })

  it('is wide, as a prior of twenty sends should be', () => {
    const { ratio, lowRatio, highRatio } = expectedResponse('HOT_LEAD', 'direct_sales', 1 / 24)
    expect(ratio).toBeCloseTo(0.18)
    expect(lowRatio).toBeLessThan(0.09)
    expect(highRatio).toBeGreaterThan(0.33)
  })
})

describe('outreachPriority', () => {
  it('is a whole number from 1 to 100 that rises with priority and with expected response', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, noNaN: true }), (priority, ratio) => {
        const value = outreachPriority(priority, ratio)
        expect(Number.isInteger(value)).toBe(true)
        expect(value).toBeGreaterThanOrEqual(1)
        expect(value).toBeLessThanOrEqual(100)
        expect(outreachPriority(priority, 1)).toBeGreaterThanOrEqual(value)
        expect(outreachPriority(10, ratio)).toBeGreaterThanOrEqual(value)
      }),
    )
  })
})

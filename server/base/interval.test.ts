import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ratioDifference, wilsonInterval } from './interval.ts'

describe('wilsonInterval', () => {
  it('gives the published values for 7 of 20', () => {
    const { low, high } = wilsonInterval(7, 20)
    expect(low).toBeCloseTo(0.1812, 4)
    expect(high).toBeCloseTo(0.5671, 4)
  })

  it('holds the observed ratio and stays within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (total, share) => {
          const hits = Math.round(total * share)
          const { low, high } = wilsonInterval(hits, total)
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
          expect(low).toBeLessThanOrEqual(hits / total + 1e-12)
          expect(high).toBeGreaterThanOrEqual(hits / total - 1e-12)
        },
      ),
    )
  })

  it('is the whole range before anything is known', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('ratioDifference', () => {
  it('gives the values Newcombe published for 56 of 70 against 48 of 80', () => {
    const { value, low, high } = ratioDifference(56, 70, 48, 80)
    expect(value).toBeCloseTo(0.2, 10)
    expect(low).toBeCloseTo(0.0524, 4)
    expect(high).toBeCloseTo(0.3339, 4)
  })

  it('says nothing while a group is empty, and turns round with its groups', () => {
    expect(ratioDifference(1, 2, 0, 0)).toEqual({ value: 0, low: -1, high: 1 })
    const group = fc
      .integer({ min: 1, max: 500 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
    fc.assert(
      fc.property(group, group, ([a, n], [b, m]) => {
        const there = ratioDifference(a, n, b, m)
        const back = ratioDifference(b, m, a, n)
        expect(there.low).toBeLessThanOrEqual(there.value)
        expect(there.high).toBeGreaterThanOrEqual(there.value)
        expect(back.low).toBeCloseTo(-there.high, 10)
      }),
    )
  })
})

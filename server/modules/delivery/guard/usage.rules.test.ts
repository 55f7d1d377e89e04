import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { freeAt, usageOf, withReservation } from './usage.rules.ts'

const WINDOW_MS = 1_000

describe('freeAt', () => {
  it('gives no slot before the window has one, and gives it as soon as it does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        (instants, max) => {
          const now = 3_000
          const until = freeAt(usageOf(instants, WINDOW_MS, now), max, WINDOW_MS, now)
          if (until === null) {
            expect(instants.filter((at) => at > now - WINDOW_MS && at <= now).length).toBeLessThan(max)
          } else {
            const usedAt = (at: number) => instants.filter((i) => i > at - WINDOW_MS && i <= at).length
            expect(until).toBeGreaterThan(now)
            expect(usedAt(until)).toBeLessThan(max)
            expect(usedAt(until - 1)).toBeGreaterThanOrEqual(max)
          }
        },
      ),
    )
  })

  it('spreads a line of waiting deliveries so that the cap holds when each leaves at its place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 60 }), (max, line) => {
        const taken = Array.from({ length: max }, (_, i) => i * 10)
        const now = max * 10
        const usage = usageOf(taken, WINDOW_MS, now)
        const places = Array.from({ length: line }, (_, i) => freeAt(usage, max, WINDOW_MS, now, i) ?? now)
        const all = [...taken, ...places]
        for (const at of places)
          expect(all.filter((o) => o > at - WINDOW_MS && o <= at).length).toBeLessThanOrEqual(max)
      }),
    )
  })

  it('never gives a slot of a cap of nothing', () => {
    expect(freeAt({ count: 0, oldest: [] }, 0, WINDOW_MS, 5)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('usageOf', () => {
  it('counts what another process reserved at a later instant, for that window holds now as well', () => {
    expect(usageOf([0, 1, 999, 1_005], WINDOW_MS, 1_000)).toEqual({ count: 3, oldest: [1, 999, 1_005] })
  })
})

describe('withReservation', () => {
  it('counts like a fresh look at the same instants', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 20 }), (instants) => {
        const now = 999
        expect(withReservation(usageOf(instants, WINDOW_MS, now), now)).toEqual(
          usageOf([...instants, now], WINDOW_MS, now),
        )
      }),
    )
  })
})

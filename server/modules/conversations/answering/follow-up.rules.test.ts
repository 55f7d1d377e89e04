import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { HOUR_MS } from '#server/base/duration.ts'
import { localHour } from '#server/base/local-time.ts'
import { quietUntil } from '#server/modules/delivery/index.ts'
import { NOON } from '#server/testing/factories.ts'

import { nextFollowUp } from './follow-up.rules.ts'

const QUIET = { fromHour: 21, toHour: 9, nightConsent: false }
const never = () => null

describe('nextFollowUp', () => {
  it('is after four hours, then after twenty, then never', () => {
    expect(nextFollowUp(0, NOON, never)).toEqual({ number: 1, dueAt: NOON + 4 * HOUR_MS })
    expect(nextFollowUp(1, NOON, never)).toEqual({ number: 2, dueAt: NOON + 20 * HOUR_MS })
    expect(nextFollowUp(2, NOON, never)).toBeNull()
  })

  it('falls away where quiet hours last until the day is over', () => {
    expect(nextFollowUp(1, NOON, (at) => at + 5 * HOUR_MS)).toBeNull()
  })

  it('is never in quiet hours, never later than a day after what the contact wrote, and twice at most', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: NOON, max: NOON + 400 * 24 * HOUR_MS }),
        fc.nat(5),
        fc.constantFrom('Europe/Istanbul', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia'),
        (askedAt, done, zone) => {
          const next = nextFollowUp(done, askedAt, (at) => quietUntil(at, zone, QUIET))
          if (next === null) return
          expect(next.number).toBeLessThanOrEqual(2)
          expect(next.dueAt).toBeLessThan(askedAt + 24 * HOUR_MS)
          const hour = localHour(next.dueAt, zone)
          expect(hour >= 9 && hour < 21).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

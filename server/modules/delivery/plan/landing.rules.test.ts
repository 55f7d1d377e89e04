import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import { type LandingBatch, type LandingLimits, LANDING_DAYS_MAX, estimateLanding } from './landing.rules.ts'

const batchOf = (count: number, over: Partial<LandingBatch> = {}): LandingBatch => ({
  count,
  readyAt: NOON,
  isOutreach: false,
  isCommercial: true,
  timeZone: 'Europe/Istanbul',
  quiet: null,
  ...over,
})
const limitsOf = (over: Partial<LandingLimits> = {}): LandingLimits => ({
  perMinuteMax: null,
  outreachHourlyMax: null,
  outreachDailyMax: null,
  dailyMessagesMax: null,
  monthlyMessagesMax: null,
  warmUp: false,
  accountLinkedAt: NOON - 60 * DAY_MS,
  usedToday: { outreach: 0, commercial: 0, messages: 0 },
  usedThisMonth: 0,
  ...over,
})
const hoursUntil = (batches: readonly LandingBatch[], limits: LandingLimits) => {
  const { lastAt } = estimateLanding(batches, limits, NOON)
  return lastAt === null ? null : (lastAt - NOON) / HOUR_MS
}

describe('estimateLanding', () => {
  it('takes the account’s own pace when nothing else holds: 25 a second', () => {
    expect(estimateLanding([batchOf(25_000)], limitsOf(), NOON)).toEqual({
      lastAt: NOON + 1_000 * SECOND_MS,
      landed: 25_000,
    })
    expect(estimateLanding([], limitsOf(), NOON)).toEqual({ lastAt: NOON, landed: 0 })
  })

  it('is held by the smallest of the limits', () => {
    expect(estimateLanding([batchOf(10)], limitsOf({ perMinuteMax: 2 }), NOON).lastAt).toBe(NOON + 5 * MINUTE_MS)
    const daily = hoursUntil([batchOf(250)], limitsOf({ dailyMessagesMax: 100 }))
    expect(daily).toBeGreaterThanOrEqual(48)
    expect(daily).toBeLessThan(49)
    const outreach = limitsOf({ outreachHourlyMax: 10, outreachDailyMax: 50 })
    expect(hoursUntil([batchOf(60, { isOutreach: true })], outreach)).toBeGreaterThanOrEqual(24)
    expect(hoursUntil([batchOf(60)], outreach)).toBeLessThan(1)
  })

  it('counts what was used before', () => {
    const used = limitsOf({ dailyMessagesMax: 100, usedToday: { outreach: 0, commercial: 0, messages: 100 } })
    expect(hoursUntil([batchOf(1)], used)).toBeGreaterThanOrEqual(24)
  })

  it('keeps to the warm-up of a young account', () => {
    const young = limitsOf({ warmUp: true, accountLinkedAt: NOON })
    expect(hoursUntil([batchOf(100)], young)).toBeLessThan(1)
    expect(hoursUntil([batchOf(101)], young)).toBeGreaterThanOrEqual(24)
    expect(hoursUntil([batchOf(101, { isCommercial: false })], young)).toBeLessThan(1)
  })

  it('waits through quiet hours', () => {
    const quiet = { fromHour: 13, toHour: 15, nightConsent: false }
    expect(hoursUntil([batchOf(200, { quiet })], limitsOf({ perMinuteMax: 2 }))).toBeGreaterThan(3)
  })

  it('says never rather than a date beyond all use', () => {
    expect(estimateLanding([batchOf(1)], limitsOf({ dailyMessagesMax: 0 }), NOON)).toEqual({ lastAt: null, landed: 0 })
    const slow = estimateLanding([batchOf(100_000, { isOutreach: true })], limitsOf({ outreachDailyMax: 50 }), NOON)
    expect(slow).toEqual({ lastAt: null, landed: 50 * LANDING_DAYS_MAX })
  })

  it('never promises more than any limit allows in the time it takes', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 500 }))
    fc.assert(
      fc.property(
        fc.array(fc.record({ count: fc.nat(2_000), isOutreach: fc.boolean(), delayHours: fc.nat(72) }), { maxLength: 4 }),
        limit, limit, limit, limit, limit,
        (asked, perMinuteMax, outreachHourlyMax, outreachDailyMax, dailyMessagesMax, monthlyMessagesMax) => {
          const batches = asked.map(({ count, isOutreach, delayHours }) => batchOf(count, { isOutreach, readyAt: NOON + delayHours * HOUR_MS }))
          const limits = limitsOf({ perMinuteMax, outreachHourlyMax, outreachDailyMax, dailyMessagesMax, monthlyMessagesMax })
          const { lastAt, landed } = estimateLanding(batches, limits, NOON)
          const total = batches.reduce((sum, batch) => sum + batch.count, 0)
          if (lastAt === null) {
            expect(landed).toBeLessThan(total)
            return
          }
          expect(landed).toBe(total)
          const days = Math.floor((lastAt - NOON) / DAY_MS) + 1
          const hours = Math.floor((lastAt - NOON) / HOUR_MS) + 1
          const outreach = batches.reduce((sum, batch) => sum + (batch.isOutreach ? batch.count : 0), 0)
          expect(total).toBeLessThanOrEqual((perMinuteMax ?? 1_500) * 60 * hours)
          expect(outreach).toBeLessThanOrEqual((outreachHourlyMax ?? Infinity) * hours)
          expect(outreach).toBeLessThanOrEqual((outreachDailyMax ?? Infinity) * days)
          expect(total).toBeLessThanOrEqual((dailyMessagesMax ?? Infinity) * days)
          expect(total).toBeLessThanOrEqual((monthlyMessagesMax ?? Infinity) * Math.ceil(days / 30))
          for (const batch of batches) if (batch.count > 0) expect(lastAt).toBeGreaterThanOrEqual(batch.readyAt)
        },
      ), // prettier-ignore
    )
  })
})

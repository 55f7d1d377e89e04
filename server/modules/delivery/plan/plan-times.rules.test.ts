import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { localDay, localHour } from '#server/base/local-time.ts'
import { hourShares } from '#server/modules/contacts/index.ts'

import { isHourAllowed } from '../quiet-hours.rules.ts'
import { localSlots } from './local-slots.rules.ts'
import { type TimingFacts, intervalMs, planTimes } from './plan-times.rules.ts'

const ZONES = ['Europe/Istanbul', 'America/New_York', 'Europe/London', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/St_Johns', 'UTC', 'Asia/Tehran', 'America/Santiago'] // prettier-ignore
const quietDefault = { fromHour: 21, toHour: 9, nightConsent: false }
const flat = hourShares([])
/** Monday 2026-06-01 06:00 in Istanbul. */
const MORNING = Date.UTC(2026, 5, 1, 3)

const timesOf = (over: Partial<TimingFacts> = {}, zone = 'Europe/Istanbul', from = MORNING, horizonMs = DAY_MS) =>
  planTimes({
    slots: localSlots(from, from + horizonMs, zone),
    strategy: { everyHours: 24, maxPerDay: 3, cooldownHours: 4, hours: [10, 14, 19, 20] },
    quiet: quietDefault,
    hourShares: flat,
    lastAt: null,
    jitterRatio: 0,
    ...over,
  })

describe('localSlots', () => {
  it('covers any stretch without gap or overlap, each slot inside one local hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }),
        fc.integer({ min: 1, max: 3 * DAY_MS }),
        fc.constantFrom(...ZONES),
        (from, length, zone) => {
          const slots = localSlots(from, from + length, zone)
          expect(slots[0]?.startAt).toBe(from)
          expect(slots.at(-1)?.endAt).toBe(from + length)
          for (const [i, slot] of slots.entries()) {
            if (i > 0) expect(slots[i - 1]?.endAt).toBe(slot.startAt)
            for (const at of [slot.startAt, slot.endAt - 1]) {
              expect(localHour(at, zone)).toBe(slot.hour)
              expect(localDay(at, zone)).toBe(slot.day)
            }
          }
        },
      ),
    )
  })

  it('leaves out the hour that clocks skip and doubles the one they repeat', () => {
    const spring = localSlots(Date.UTC(2026, 2, 8, 5), Date.UTC(2026, 2, 8, 9), 'America/New_York')
    expect(spring.map((slot) => slot.hour)).toEqual([0, 1, 3, 4])
    const autumn = localSlots(Date.UTC(2026, 10, 1, 4), Date.UTC(2026, 10, 1, 8), 'America/New_York')
    expect(autumn.map((slot) => [slot.hour, (slot.endAt - slot.startAt) / MINUTE_MS])).toEqual([[0, 60], [1, 120], [2, 60]]) // prettier-ignore
  })
})

describe('planTimes', () => {
  it('takes the contact’s best hour among the strategy’s', () => {
    const counts = Array.from({ length: 24 }, (_, hour) => (hour === 14 ? 40 : 0))
    expect(timesOf({ hourShares: hourShares(counts) })).toEqual({
      kind: 'times',
      times: [{ at: Date.UTC(2026, 5, 1, 11), hour: 14, day: '2026-06-01', ordinal: 0 }],
    })
  })

  it('waits for the best hour rather than taking a worse one that comes sooner', () => {
    expect(timesOf({}, 'Europe/Istanbul', MORNING, 8 * HOUR_MS)).toEqual({ kind: 'none', reason: 'outside_horizon' })
  })

  it('spreads several messages a day over their hours', () => {
    const strategy = { everyHours: 2, maxPerDay: 5, cooldownHours: 2, hours: [10, 14, 19] }
    const timing = timesOf({ strategy, jitterRatio: 0.5 })
    expect(timing.kind === 'times' && timing.times.map((time) => [time.hour, time.ordinal])).toEqual([[10, 0], [14, 1], [19, 2]]) // prettier-ignore
  })

  it('keeps away from quiet hours, unless the contact agreed to the night', () => {
    const strategy = { everyHours: 24, maxPerDay: 2, cooldownHours: 8, hours: [0, 1, 22, 23] }
    expect(timesOf({ strategy })).toEqual({ kind: 'none', reason: 'no_allowed_hour' })
    const night = timesOf({ strategy, quiet: { ...quietDefault, nightConsent: true } })
    expect(night.kind === 'times' && night.times.map((time) => time.hour)).toEqual([22])
  })

  it('begins after the interval since the last message', () => {
    const lastAt = Date.UTC(2026, 5, 1, 17, 30)
    const timing = timesOf(
      { lastAt, strategy: { everyHours: 24, maxPerDay: 1, cooldownHours: 4, hours: [20] } },
      'Europe/Istanbul',
      MORNING,
      3 * DAY_MS,
    )
    expect(timing.kind === 'times' && timing.times[0]?.at).toBe(lastAt + 23 * HOUR_MS + 30 * MINUTE_MS)
  })

  it('keeps a daily message in its hour day after day, however late in the hour it left', () => {
    const strategy = { everyHours: 24, maxPerDay: 1, cooldownHours: 4, hours: [20] }
    let lastAt = Date.UTC(2026, 5, 1, 17, 59)
    for (let day = 2; day <= 9; day++) {
      const timing = timesOf({ strategy, lastAt, jitterRatio: 0.99 }, 'Europe/Istanbul', lastAt, 26 * HOUR_MS)
      expect(timing).toMatchObject({ kind: 'times', times: [{ day: `2026-06-0${day}`, hour: 20 }] })
      lastAt = timing.kind === 'times' ? (timing.times[0]?.at ?? 0) : 0
    }
  })

  it('never shortens a cooldown', () => {
    expect(intervalMs({ everyHours: 24, cooldownHours: 24 })).toBe(DAY_MS)
    expect(intervalMs({ everyHours: 24, cooldownHours: 4 })).toBe(23 * HOUR_MS)
    expect(intervalMs({ everyHours: 4, cooldownHours: 4 })).toBe(4 * HOUR_MS)
  })

  it('for any zone, clock change, histogram and strategy stays inside allowed hours, intervals and daily maximum', () => {
    const strategies = fc.record({
      everyHours: fc.integer({ min: 2, max: 200 }),
      maxPerDay: fc.integer({ min: 0, max: 5 }),
      cooldownHours: fc.integer({ min: 2, max: 72 }),
      hours: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 24 }),
    })
    const quiets = fc.record({
      fromHour: fc.integer({ min: 0, max: 24 }),
      toHour: fc.integer({ min: 0, max: 24 }),
      nightConsent: fc.boolean(),
    })
    const instants = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) })
    fc.assert(
      fc.property(
        strategies,
        quiets,
        instants,
        fc.integer({ min: 1, max: 8 * 24 }),
        fc.constantFrom(...ZONES),
        fc.array(fc.nat(500), { minLength: 24, maxLength: 24 }),
        fc.option(fc.integer({ min: 0, max: 9 * 24 * 60 })),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (strategy, quiet, from, horizonHours, zone, counts, minutesAgo, jitterRatio) => {
          const lastAt = minutesAgo === null ? null : from - minutesAgo * MINUTE_MS
          const horizonMs = horizonHours * HOUR_MS
          const timing = timesOf(
            { strategy, quiet, hourShares: hourShares(counts), lastAt, jitterRatio },
            zone,
            from,
            horizonMs,
          )
          const times = timing.kind === 'times' ? timing.times : []
          const perDay = new Map<string, number>()
          const gapMs = intervalMs(strategy)
          let previous = lastAt ?? Number.NEGATIVE_INFINITY
          for (const { at, hour, day, ordinal } of times) {
            expect(localHour(at, zone)).toBe(hour)
            expect(localDay(at, zone)).toBe(day)
            expect(strategy.hours).toContain(hour)
            expect(isHourAllowed(hour, quiet)).toBe(true)
            expect(at).toBeGreaterThanOrEqual(from)
            expect(at).toBeLessThan(from + horizonMs)
            expect(at - previous).toBeGreaterThanOrEqual(gapMs)
            expect(ordinal).toBeLessThan(strategy.maxPerDay)
            perDay.set(day, (perDay.get(day) ?? 0) + 1)
            previous = at
          }
          expect(Math.max(0, ...perDay.values())).toBeLessThanOrEqual(strategy.maxPerDay)
          // The period a message uses up is its own.
          expect(new Set(times.map((time) => `${time.day}:${time.ordinal}`)).size).toBe(times.length)
        },
      ),
      { numRuns: 400 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { localDay, zoneOffsetMs } from '#server/base/local-time.ts'

import { type PostCalendar, checkSchedule, dueSlot, nextSlotAfter, nextSlots } from './schedule.rules.ts'

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().slice(0, 16))
const calendar = (over: Partial<PostCalendar>): PostCalendar => ({
  schedule: { kind: 'daily', times: ['09:00'] },
  startsOn: '2026-06-01',
  endsOn: null,
  anchorAt: Date.UTC(2026, 5, 1, 6),
  timeZone: 'Europe/Istanbul',
  ...over,
})
const from = Date.UTC(2026, 5, 1, 6)

describe('checkSchedule', () => {
  it('keeps times and weekdays each once, in order', () => {
    expect(checkSchedule({ kind: 'weekly', weekdays: [5, 1, 5], times: ['18:00', '09:00', '18:00'] })).toEqual({
      kind: 'weekly',
      weekdays: [1, 5],
      times: ['09:00', '18:00'],
    })
  })

  it.each([
    { kind: 'every', hours: 0 },
    { kind: 'daily', times: [] },
    { kind: 'daily', times: ['24:00'] },
    { kind: 'weekly', weekdays: [8], times: ['09:00'] },
    { kind: 'never' },
    null,
  ])('refuses %j', (given) => {
    expect(() => checkSchedule(given)).toThrow(/post_schedule/)
  })
})

describe('nextSlotAfter', () => {
  it('counts hours from the anchor, without it and beyond it', () => {
    const every = calendar({ schedule: { kind: 'every', hours: 6 } })
    expect(nextSlots(every, from - 1, 3).map(iso)).toEqual(['2026-06-01T06:00', '2026-06-01T12:00', '2026-06-01T18:00'])
    expect(iso(nextSlotAfter(every, from + 1))).toBe('2026-06-01T12:00')
  })

  it('takes wall-clock times of the zone and the days it is given', () => {
    const weekly = calendar({ schedule: { kind: 'weekly', weekdays: [1, 3], times: ['09:00', '20:30'] } })
    // Istanbul is three hours ahead; 1 June 2026 is a Monday, whose nine o'clock is this very instant.
    expect(nextSlots(weekly, from, 4).map(iso)).toEqual([
      '2026-06-01T17:30',
      '2026-06-03T06:00',
      '2026-06-03T17:30',
      '2026-06-08T06:00',
    ])
  })

  it('begins and ends with its days', () => {
    const bound = calendar({ startsOn: '2026-06-10', endsOn: '2026-06-11' })
    expect(nextSlots(bound, from, 5).map(iso)).toEqual(['2026-06-10T06:00', '2026-06-11T06:00'])
  })

  it('moves on a time that the clock skips, and takes one that it shows twice once', () => {
    const night = { schedule: { kind: 'daily' as const, times: ['02:30'] }, timeZone: 'Europe/Berlin' }
    const spring = calendar({ ...night, startsOn: '2026-03-28' })
    expect(nextSlots(spring, Date.UTC(2026, 2, 27, 23), 3).map(iso)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ])
    const autumn = calendar({ ...night, startsOn: '2026-10-24' })
    expect(nextSlots(autumn, Date.UTC(2026, 9, 23, 22), 3).map(iso)).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
  })

  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
  const schedule = fc.oneof(
    fc.record({ kind: fc.constant('every' as const), hours: fc.integer({ min: 1, max: 168 }) }),
    fc.record({ kind: fc.constant('daily' as const), times: fc.array(time, { minLength: 1, maxLength: 4 }) }),
    fc.record({
      kind: fc.constant('weekly' as const),
      weekdays: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 3 }),
      times: fc.array(time, { minLength: 1, maxLength: 2 }),
    }),
  )
  const zone = fc.constantFrom('Europe/Berlin', 'Europe/Istanbul', 'America/Santiago', 'Australia/Lord_Howe', 'UTC')
  const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })

  it('rises strictly, and shows the wall-clock time it was given wherever the clock shows it', () => {
    fc.assert(
      fc.property(schedule, zone, instant, (given, timeZone, after) => {
        const checked = checkSchedule(given)
        const startsOn = localDay(after, timeZone)
        const slots = nextSlots(calendar({ schedule: checked, timeZone, startsOn, anchorAt: after }), after, 12)
        expect(slots).toHaveLength(12)
        for (const [n, slot] of slots.entries()) {
          expect(slot).toBeGreaterThan(slots[n - 1] ?? after)
          if (checked.kind === 'every') continue
          const shown = new Date(slot + zoneOffsetMs(slot, timeZone)).toISOString().slice(11, 16)
          const moved = zoneOffsetMs(slot, timeZone) !== zoneOffsetMs(slot - 2 * HOUR_MS, timeZone)
          expect(checked.times.includes(shown) || moved).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('leaves no day of a daily schedule out', () => {
    fc.assert(
      fc.property(time, zone, instant, (at, timeZone, after) => {
        const startsOn = localDay(after, timeZone)
        const slots = nextSlots(calendar({ schedule: { kind: 'daily', times: [at] }, timeZone, startsOn }), after, 30)
        const days = slots.map((slot) => localDay(slot, timeZone))
        // A time that the clock skips may fall into the first minutes of the next day.
        const gaps = slots.map((slot, n) => slot - (slots[n - 1] ?? slot - DAY_MS))
        expect(Math.max(...gaps)).toBeLessThanOrEqual(DAY_MS + 2 * HOUR_MS)
        expect(new Set(days).size).toBeGreaterThanOrEqual(29)
      }),
      { numRuns: 150 },
    )
  })
})

describe('dueSlot', () => {
  const daily = calendar({ schedule: { kind: 'daily', times: ['09:00', '21:00'] } })

  it('is the newest slot that passed, with those before it counted and left out', () => {
    expect(dueSlot(daily, from, from - 1)).toBeNull()
    expect(dueSlot(daily, from, from)).toEqual({ slotAt: from, skipped: 0, nextAt: from + 12 * HOUR_MS })
    expect(dueSlot(daily, from, from + 2 * DAY_MS + 1)).toEqual({
      slotAt: from + 2 * DAY_MS,
      skipped: 4,
      nextAt: from + 2 * DAY_MS + 12 * HOUR_MS,
    })
  })

  it('comes to the newest after an outage of years, too, and to the last of one that ended', () => {
    const now = from + 3 * 365 * DAY_MS
    const found = dueSlot(calendar({ schedule: { kind: 'every', hours: 1 } }), from, now)
    expect(found).toMatchObject({ slotAt: now, nextAt: now + HOUR_MS })
    expect(found?.skipped).toBeGreaterThanOrEqual(500)
    const ended = calendar({ endsOn: '2026-06-03' })
    expect(dueSlot(ended, from, now)).toEqual({ slotAt: from + 2 * DAY_MS, skipped: 2, nextAt: null })
  })
})

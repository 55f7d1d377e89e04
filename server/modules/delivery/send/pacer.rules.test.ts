import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Pacer, TELEGRAM_PACE, aheadOf } from './pacer.rules.ts'

describe('aheadOf', () => {
  it('keeps ready what leaves while a claim is under way, and claims a span of the pace at once', () => {
    expect(aheadOf(TELEGRAM_PACE, 0, 128)).toEqual({ low: 2, high: 12 })
    expect(aheadOf(TELEGRAM_PACE, 100, 128)).toEqual({ low: 7, high: 17 })
    expect(aheadOf(TELEGRAM_PACE, 60_000, 128)).toEqual({ low: 25, high: 50 })
    expect(aheadOf({ perSecond: 1, burst: 1 }, 0, 128)).toEqual({ low: 1, high: 2 })
  })

  it('never keeps more than it may, and always waits until some have left', () => {
    expect(aheadOf({ perSecond: 1e6, burst: 1e6 }, 20, 128)).toEqual({ low: 64, high: 128 })
    expect(aheadOf({ perSecond: 1e6, burst: 1e6 }, 20, 1)).toEqual({ low: 0, high: 1 })
  })
})

interface Call {
  readonly arrivesAt: number
  readonly endsAt: number
}

describe('Pacer', () => {
  it('never has Telegram count more than thirty in any second, however long calls take and in whatever order they arrive', () => {
    const ask = fc.record({
      pauseMs: fc.nat(150),
      wanted: fc.integer({ min: 1, max: 40 }),
      wayMs: fc.oneof(fc.nat(50), fc.nat(3_000)),
      answerMs: fc.nat(400),
    })
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 300 }), (asks) => {
        const pacer = new Pacer(TELEGRAM_PACE)
        const arrivals: number[] = []
        let open: Call[] = []
        let now = 0
        for (const { pauseMs, wanted, wayMs, answerMs } of asks) {
          now += pauseMs
          const ended = open.filter((call) => call.endsAt <= now).sort((a, b) => a.endsAt - b.endsAt)
          for (const call of ended) pacer.end(call.endsAt)
          open = open.filter((call) => call.endsAt > now)
          const count = Math.min(wanted, pacer.allowance(now))
          pacer.take(count, now)
          for (let i = 0; i < count; i++) {
            const arrivesAt = now + ((wayMs * (i + 1)) % 3_001)
            arrivals.push(arrivesAt)
            open.push({ arrivesAt, endsAt: arrivesAt + answerMs })
          }
        }
        for (const at of arrivals)
          expect(arrivals.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(30)
      }),
    )
  })

  it('reaches its pace: an always hungry caller sends twenty-five a second', () => {
    const pacer = new Pacer(TELEGRAM_PACE)
    let sent = 0
    let now = 0
    while (now < 60_000) {
      const count = pacer.allowance(now)
      pacer.take(count, now)
      for (let i = 0; i < count; i++) pacer.end(now)
      sent += count
      now = pacer.readyAt(now)
    }
    expect(sent).toBeGreaterThanOrEqual(25 * 60)
    expect(sent).toBeLessThanOrEqual(25 * 60 + TELEGRAM_PACE.burst)
  })

  it('is ready exactly when it says so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.nat(30), fc.nat(2_000), (before, ended, pauseMs) => {
        const pacer = new Pacer(TELEGRAM_PACE)
        pacer.take(before, 0)
        for (let i = 0; i < Math.min(before, ended); i++) pacer.end(i)
        const at = pacer.readyAt(pauseMs)
        const waitsForAnEnd = at === Number.POSITIVE_INFINITY
        if (waitsForAnEnd) expect(pacer.allowance(pauseMs + 1e6)).toBe(0)
        else expect(pacer.allowance(at)).toBeGreaterThanOrEqual(1)
        if (at > pauseMs && !waitsForAnEnd) expect(pacer.allowance(at - 1)).toBe(0)
      }),
    )
  })
})

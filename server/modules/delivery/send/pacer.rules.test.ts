import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Pacer, TELEGRAM_PACE, aheadOf } from './pacer.rules.ts'

describe('aheadOf', () => {
  it('covers the time a claim takes twice over, between a burst and two seconds', () => {
    expect(aheadOf(TELEGRAM_PACE, 0)).toBe(7)
    expect(aheadOf(TELEGRAM_PACE, 200)).toBe(17)
    expect(aheadOf(TELEGRAM_PACE, 60_000)).toBe(50)
    expect(aheadOf({ perSecond: 1, burst: 1 }, 0)).toBe(1)
  })
})

describe('Pacer', () => {
  it('never lets more than thirty messages into any second, whatever the caller asks and whenever', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 40 })), { maxLength: 300 }), (asks) => {
        const pacer = new Pacer(TELEGRAM_PACE)
        const sent: number[] = []
        let now = 0
        for (const [pauseMs, wanted] of asks) {
          now += pauseMs
          const count = Math.min(wanted, pacer.allowance(now))
          pacer.take(count, now)
          for (let i = 0; i < count; i++) sent.push(now)
        }
        for (const at of sent)
          expect(sent.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(30)
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
      sent += count
      now = pacer.readyAt(TELEGRAM_PACE.burst, now)
    }
    expect(sent).toBeGreaterThanOrEqual(25 * 60)
    expect(sent).toBeLessThanOrEqual(25 * 60 + TELEGRAM_PACE.burst)
  })

  it('is ready exactly when it says so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: TELEGRAM_PACE.burst }),
        fc.integer({ min: 0, max: 30 }),
        fc.nat(2_000),
        (count, before, pauseMs) => {
          const pacer = new Pacer(TELEGRAM_PACE)
          pacer.take(before, 0)
          const at = pacer.readyAt(count, pauseMs)
          expect(pacer.allowance(at)).toBeGreaterThanOrEqual(count)
          if (at > pauseMs) expect(pacer.allowance(at - 1)).toBeLessThan(count)
        },
      ),
    )
  })
})

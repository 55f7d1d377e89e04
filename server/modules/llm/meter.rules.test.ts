import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'

import {
  type Admission,
  FAILURES_MAX,
  type Meter,
  type MeterEnd,
  type MeterLimits,
  admitQuestion,
  settleQuestion,
} from './meter.rules.ts'

const START = Date.UTC(2026, 5, 1)
const EMPTY: Meter = {
  month: '2026-06-01',
  tokensTaken: 0,
  minuteAt: 0,
  minuteCount: 0,
  failureCount: 0,
  failingSince: null,
  restingUntil: null,
  restingReason: null,
  probeUntil: null,
}
const AMPLE: MeterLimits = { tokensPerMonth: 1_000_000, perMinuteMax: 1_000 }
const ASK = { tokens: 100, timeoutMs: 20_000, month: '2026-06-01' }

type Admitted = Admission & { readonly kind: 'admitted' }

/** A meter that is moved from step to step, and what it let pass. */
const metered = (limits: MeterLimits = AMPLE) => {
  let meter = EMPTY
  return {
    meter: () => meter,
    ask(now: number, ask = ASK) {
      const step = admitQuestion(meter, limits, ask, now)
      meter = step.meter
      return step.admission
    },
    end(admission: Admission, endpoint: MeterEnd['endpoint'], now: number, over: Partial<MeterEnd> = {}) {
      meter = settleQuestion(meter, { admission: admission as Admitted, tokens: 10, endpoint, ...over }, now)
    },
  }
}

/** A meter whose endpoint has just been given a rest. */
const resting = () => {
  const world = metered()
  for (let n = 0; n < FAILURES_MAX; n++) world.end(world.ask(START + n), 'fails', START + n)
  return world
}

describe('admitQuestion', () => {
  it('refuses what does not fit into the month, and begins a new one with nothing', () => {
    const world = metered({ ...AMPLE, tokensPerMonth: 150 })
    const first = world.ask(START)
    expect(world.ask(START)).toEqual({ kind: 'refused', reason: 'over_budget', retryAfterMs: null })
    world.end(first, 'works', START)
    expect(world.ask(START)).toMatchObject({ kind: 'admitted' })
    expect(world.ask(START, { ...ASK, month: '2026-07-01' })).toMatchObject({ kind: 'admitted', month: '2026-07-01' })
  })

  it('refuses beyond the rate, until the next minute', () => {
    const world = metered({ ...AMPLE, perMinuteMax: 2 })
    world.ask(START)
    world.ask(START + 5_000)
    expect(world.ask(START + 15_000)).toEqual({ kind: 'refused', reason: 'rate_limited', retryAfterMs: 45_000 })
    expect(world.ask(START + MINUTE_MS)).toMatchObject({ kind: 'admitted' })
  })

  it('asks nothing of an endpoint at rest, then one question, and all again when that one is answered', () => {
    const world = resting()
    expect(world.ask(START + 10)).toMatchObject({ kind: 'refused', reason: 'circuit_open' })
    const probe = world.ask(START + 31 * SECOND_MS)
    expect(probe).toMatchObject({ kind: 'admitted', isProbe: true })
    expect(world.ask(START + 31 * SECOND_MS)).toMatchObject({ kind: 'refused', reason: 'circuit_open' })
    world.end(probe, 'works', START + 32 * SECOND_MS)
    expect(world.ask(START + 32 * SECOND_MS)).toMatchObject({ kind: 'admitted', isProbe: false })
  })

  it('lets another try when the one who tried is not heard of again, or was called off', () => {
    const world = resting()
    const probe = world.ask(START + 31 * SECOND_MS)
    expect(world.ask(START + 90 * SECOND_MS)).toMatchObject({ kind: 'admitted', isProbe: true })
    world.end(probe, 'unknown', START + 90 * SECOND_MS)
    expect(world.ask(START + 90 * SECOND_MS)).toMatchObject({ kind: 'admitted', isProbe: true })
  })

  it('never lets more be used than the month has, in any order of questions and ends', () => {
    const step = fc.record({
      what: fc.constantFrom('ask', 'ask', 'end'),
      tokens: fc.integer({ min: 1, max: 400 }),
      usedRatio: fc.double({ min: 0, max: 1, noNaN: true }),
      pick: fc.nat(20),
      laterMs: fc.integer({ min: 0, max: 2 * MINUTE_MS }),
      endpoint: fc.constantFrom<MeterEnd['endpoint'][]>('works', 'works', 'fails', 'limits', 'unknown'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 1_000 }), (steps, budget) => {
        const world = metered({ tokensPerMonth: budget, perMinuteMax: 50 })
        const open: Admitted[] = []
        let now = START
        let used = 0
        for (const { what, tokens, usedRatio, pick, laterMs, endpoint } of steps) {
          now += laterMs
          if (what === 'ask') {
            const admission = world.ask(now, { ...ASK, tokens })
            if (admission.kind === 'admitted') open.push(admission)
          } else if (open.length > 0) {
            const [ended] = open.splice(pick % open.length, 1)
            if (!ended) continue
            const cost = Math.floor(ended.tokens * usedRatio)
            used += cost
            world.end(ended, endpoint, now, { tokens: cost })
          }
          const held = open.reduce((sum, one) => sum + one.tokens, 0)
          expect(used + held).toBeLessThanOrEqual(budget)
          expect(world.meter().tokensTaken).toBe(used + held)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('settleQuestion', () => {
  it('rests longer with every try that fails, and never longer than ten minutes', () => {
    const world = resting()
    const rests: number[] = []
    let now = START + 4
    for (let n = 0; n < 8; n++) {
      const { restingUntil } = world.meter()
      rests.push(((restingUntil ?? 0) - now) / SECOND_MS)
      now = restingUntil ?? now
      world.end(world.ask(now), 'fails', now)
    }
    expect(rests).toEqual([30, 60, 120, 240, 480, 600, 600, 600])
  })

  it('counts failures that lie close together, and forgets them with an answer', () => {
    const world = metered()
    for (let n = 0; n < 20; n++) world.end(world.ask(START + n * 20_000), 'fails', START + n * 20_000)
    expect(world.meter().restingUntil).toBeNull()
    const later = START + 60 * MINUTE_MS
    for (let n = 0; n < FAILURES_MAX - 1; n++) world.end(world.ask(later), 'fails', later)
    world.end(world.ask(later), 'works', later)
    world.end(world.ask(later), 'fails', later)
    expect(world.meter().restingUntil).toBeNull()
  })

  it('waits as long as a server asks for, and no answer that was under way ends that', () => {
    const world = metered()
    const [first, second] = [world.ask(START), world.ask(START)]
    world.end(first, 'limits', START, { afterMs: 7_000 })
    world.end(second, 'works', START + 1)
    expect(world.ask(START + 2)).toEqual({ kind: 'refused', reason: 'rate_limited', retryAfterMs: 6_998 })
    expect(world.ask(START + 7_000)).toMatchObject({ kind: 'admitted', isProbe: true })
  })

  it('gives nothing back to a month that is over', () => {
    const world = metered()
    const old = world.ask(START)
    world.ask(START, { ...ASK, month: '2026-07-01' })
    world.end(old, 'works', START)
    expect(world.meter().tokensTaken).toBe(100)
  })
})

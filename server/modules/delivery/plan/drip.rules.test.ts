import { describe, expect, it } from 'vitest'

import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import { type DripStanding, nextMove } from './drip.rules.ts'

const steps = [
  { templateId: 1, afterHours: 0 },
  { templateId: 2, afterHours: 24 },
  { templateId: 3, afterHours: 72, stopOn: ['order'] },
] as const

const standing = (over: Partial<DripStanding> = {}): DripStanding => ({
  step: 0,
  enteredAt: NOON,
  happened: [],
  delivery: { state: 'sent', reason: null, dueAt: NOON, finishedAt: NOON },
  ...over,
})

describe('nextMove', () => {
  it('waits for the step before it to end, then for the hours between them', () => {
    const waiting = { state: 'deferred', reason: 'quiet_hours', dueAt: NOON + HOUR_MS, finishedAt: null } as const
    expect(nextMove(steps, standing({ delivery: waiting }), NOON + 30 * HOUR_MS)).toEqual({
      kind: 'wait',
      checkAt: NOON + 30 * HOUR_MS + MINUTE_MS,
    })
    expect(nextMove(steps, standing(), NOON + HOUR_MS)).toEqual({ kind: 'wait', checkAt: NOON + 24 * HOUR_MS })
    expect(nextMove(steps, standing(), NOON + 24 * HOUR_MS)).toMatchObject({ kind: 'plan', step: 1 })
  })

  it('keeps the distance between steps after a long wait', () => {
    const late = { state: 'sent', reason: null, dueAt: NOON, finishedAt: NOON + 90 * HOUR_MS } as const
    expect(nextMove(steps, standing({ delivery: late }), NOON + 91 * HOUR_MS)).toEqual({
      kind: 'wait',
      checkAt: NOON + 114 * HOUR_MS,
    })
  })

  it.each([
    ['answer', 'stop'],
    ['order', 'stop'],
    ['handed_over', 'stop'],
    ['opt_out', 'stop'],
  ] as const)('ends the drip after %s', (what, kind) => {
    expect(nextMove(steps, standing({ happened: [what] }), NOON + 24 * HOUR_MS)).toEqual({ kind, reason: what })
  })

  it('asks the step that would come what ends it, and an opt-out ends any', () => {
    const later = standing({ step: 1 })
    expect(nextMove(steps, { ...later, happened: ['answer'] }, NOON + 100 * HOUR_MS)).toMatchObject({
      kind: 'plan',
      step: 2,
    })
    expect(nextMove(steps, { ...later, happened: ['answer', 'order'] }, NOON)).toEqual({
      kind: 'stop',
      reason: 'order',
    })
    expect(nextMove(steps, { ...later, happened: ['opt_out'] }, NOON)).toEqual({ kind: 'stop', reason: 'opt_out' })
  })

  it('ends for somebody the guard may not write to any more, and goes on after any other refusal', () => {
    const refused = (reason: string) =>
      standing({ delivery: { state: 'refused', reason, dueAt: NOON, finishedAt: NOON } })
    expect(nextMove(steps, refused('no_consent'), NOON)).toEqual({ kind: 'stop', reason: 'opt_out' })
    expect(nextMove(steps, refused('duplicate_content'), NOON + 24 * HOUR_MS)).toMatchObject({ kind: 'plan' })
  })

  it('is done after the last step', () => {
    expect(nextMove(steps, standing({ step: 2 }), NOON)).toEqual({ kind: 'done' })
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'

import { ACTIVITY_KINDS } from './contact.rules.ts'
import { type ContactFeatures, type FeatureEvent, emptyFeatures, foldEvent, mergeFeatures } from './feature.rules.ts'

const START = 1_780_000_000_000
const ZONE = 'Europe/Istanbul'

const event = fc.record({
  // A block empties what came before it: the one kind whose order matters.
  kind: fc.constantFrom(...ACTIVITY_KINDS.filter((kind) => kind !== 'blocked')),
  at: fc.integer({ min: START, max: START + 200 * DAY_MS }),
  isPremium: fc.constant(false),
  hasPriceIntent: fc.boolean(),
})
const history = fc.array(event, { maxLength: 40 })

const fold = (events: readonly FeatureEvent[], from = emptyFeatures(START)): ContactFeatures =>
  events.reduce((features, e) => foldEvent(features, e, ZONE), from)

/** Sums of decayed masses differ in their last digits by the order they were made in. */
const rounded = (features: ContactFeatures) => ({ ...features, mass: features.mass.toFixed(6) })

describe('foldEvent', () => {
  test('comes to the same in whatever order events arrive', () => {
    fc.assert(
      fc.property(
        history.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(rounded(fold(shuffled))).toEqual(rounded(fold(list)))
        },
      ),
    )
  })

  test('keeps the newest eight instants, newest first, and counts each event in one hour and one weekday', () => {
    fc.assert(
      fc.property(history, (list) => {
        const features = fold(list)
        const groups = list.filter((e) => e.kind === 'group_message').map((e) => e.at)
        expect(features.groupMessageAt).toEqual(groups.toSorted((a, b) => b - a).slice(0, 8))
        const present = list.filter((e) => e.kind !== 'left_chat' && e.kind !== 'removed_from_chat').length
        const sum = (counts: readonly number[]) => counts.reduce((total, n) => total + n, 0)
        expect([sum(features.hourCounts), sum(features.weekdayCounts)]).toEqual([present, present])
      }),
    )
  })

  test('a block empties the mass of what came before it, and of nothing that came after', () => {
    const at = (day: number) => START + day * DAY_MS
    const message = (day: number): FeatureEvent => ({
      kind: 'message',
      at: at(day),
      isPremium: false,
      hasPriceIntent: false,
    })
    const block: FeatureEvent = { ...message(2), kind: 'blocked' }
    expect(fold([message(0), message(1), block])).toMatchObject({ mass: 0, massAt: at(2) })
    expect(fold([message(0), block, message(3)])).toMatchObject({ mass: 1, massAt: at(3) })
    expect(fold([message(3), block]).mass).toBe(1)
  })

  test('being removed by somebody is no sign of life', () => {
    const removed = fold([{ kind: 'removed_from_chat', at: START + DAY_MS, isPremium: false, hasPriceIntent: false }])
    expect(removed.lastSeenAt).toBeNull()
  })
})

describe('mergeFeatures', () => {
  test('of two histories is the features of both together', () => {
    fc.assert(
      fc.property(history, history, (a, b) => {
        const together = rounded(fold([...a, ...b]))
        expect(rounded(mergeFeatures(fold(a), fold(b)))).toEqual(together)
        expect(rounded(mergeFeatures(fold(b), fold(a)))).toEqual(together)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { inOrder } from './compile-rule.rules.ts'
import { prioritiesFor } from './rule-order.rules.ts'

const placed = (...priorities: readonly number[]) => priorities.map((priority, i) => ({ id: i + 1, priority }))

describe('prioritiesFor', () => {
  it('puts rules of any priorities into any order, within bounds', () => {
    const rules = fc
      .uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 200 })
      .chain((ids) =>
        fc
          .array(fc.integer({ min: 1, max: 1_000 }), { minLength: ids.length, maxLength: ids.length })
          .map((priorities) => ids.map((id, i) => ({ id, priority: priorities[i] ?? 1 }))),
      )
    fc.assert(
      fc.property(rules, (order) => {
        const changed = prioritiesFor(order)
        const after = order.map(({ id, priority }) => ({ rule: { id, priority: changed.get(id) ?? priority } }))
        expect(inOrder(after).map(({ rule }) => rule.id)).toEqual(order.map(({ id }) => id))
        for (const { rule } of after) expect(rule.priority >= 1 && rule.priority <= 1_000).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('leaves alone what stands in order already', () => {
    expect(prioritiesFor(placed(100, 100, 90, 1))).toEqual(new Map())
  })

  it('changes the one that was moved and no other where there is room', () => {
    const [a, b, c] = placed(100, 80, 60)
    expect([...prioritiesFor([c!, a!, b!]).keys()]).toEqual([3])
    expect(prioritiesFor([a!, c!, b!]).size).toBe(1)
  })
})

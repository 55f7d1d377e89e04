import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { NOON } from '#server/testing/factories.ts'

import { numberSends } from './random-id.rules.ts'

const numberOf = numberSends(Buffer.alloc(32, 1))

describe('numberSends', () => {
  it('carries the second of the send in its upper half, and says the same for the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.integer({ min: 0, max: 86_400_000 * 3_650 }), (deliveryId, later) => {
        const at = NOON + later
        expect(numberOf(deliveryId, at)).toBe(numberOf(deliveryId, at))
        expect(BigInt.asUintN(64, numberOf(deliveryId, at)) >> 32n).toBe(BigInt(Math.floor(at / 1_000)))
        expect(BigInt.asIntN(64, numberOf(deliveryId, at))).toBe(numberOf(deliveryId, at))
      }),
    )
  })

  it('differs by delivery, by instant and by tenant', () => {
    const other = numberSends(Buffer.alloc(32, 2))
    expect(new Set([numberOf(1, NOON), numberOf(2, NOON), numberOf(1, NOON + 1), other(1, NOON)]).size).toBe(4)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ORDER_STATES, type OrderState } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import { type Order, type OrderAct, decideOrder, judgeCharge, refusePayment } from './order.rules.ts'

const order: Order = {
  id: 1,
  tenantId: 1,
  reference: 'SOAAAAAAAAAAAAAAAA',
  accountId: 7,
  contactId: 3,
  runId: null,
  product: 'VIP',
  priceMinor: 25_000,
  currency: 'TRY',
  way: 'stars',
  askedMinor: 250,
  askedCurrency: 'XTR',
  state: 'payment_pending',
  reviewReason: null,
  fulfilment: 'hand',
  fulfilmentContent: null,
  fulfilmentDeliveryId: null,
  creditedDeliveryId: null,
  createdAt: NOON,
  expiresAt: NOON + 24 * HOUR_MS,
  paidAt: null,
  paidBy: null,
  fulfilledAt: null,
}
const payment = { reference: order.reference, accountId: 7, stars: 250, currency: 'XTR', payerTelegramId: 42 }
const ACTS: readonly OrderAct[] = ['ask', 'pay', 'fulfil', 'cancel', 'expire', 'refund']

describe('decideOrder', () => {
  it('never leaves an end, and pays at most once, whatever is done in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ACTS), { maxLength: 12 }), (acts) => {
        let state: OrderState = 'created'
        let paid = 0
        for (const act of acts) {
          const decision = decideOrder(state, act)
          const isEnd = state === 'cancelled' || state === 'expired' || state === 'refunded'
          if (isEnd) expect(decision.kind).not.toBe('move')
          if (decision.kind !== 'move') continue
          if (decision.to === 'paid') paid += 1
          if (decision.to === 'fulfilled' || decision.to === 'refunded') expect(paid).toBe(1)
          state = decision.to
        }
        expect(paid).toBeLessThanOrEqual(1)
      }),
      { numRuns: 300 },
    )
  })

  it('says what is wrong', () => {
    expect(decideOrder('created', 'fulfil')).toEqual({ kind: 'refuse', code: 'order_not_paid' })
    expect(decideOrder('paid', 'cancel')).toEqual({ kind: 'refuse', code: 'order_already_paid' })
    expect(decideOrder('expired', 'pay')).toEqual({ kind: 'refuse', code: 'order_closed' })
    expect(decideOrder('paid', 'pay')).toEqual({ kind: 'keep' })
  })
})

describe('refusePayment', () => {
  it('lets the right payment pass', () => {
    expect(refusePayment(order, 42, payment, NOON)).toBeNull()
  })

  it.each([
    ['of another account', { accountId: 8 }, {}, 'unknown'],
    ['of another amount', { stars: 1 }, {}, 'mismatch'],
    ['in another currency', { currency: 'TRY' }, {}, 'mismatch'],
    ['by somebody else', { payerTelegramId: 43 }, {}, 'foreign'],
    ['of an order that goes by link', {}, { way: 'link', askedCurrency: 'TRY' }, 'mismatch'],
    ['of one that is paid', {}, { state: 'paid' }, 'paid'],
    ['of one that is refunded', {}, { state: 'refunded' }, 'paid'],
    ['of one that is cancelled', {}, { state: 'cancelled' }, 'cancelled'],
    ['of one that expired', {}, { state: 'expired' }, 'expired'],
    ['of one whose time is over', {}, { expiresAt: NOON }, 'expired'],
  ] as const)('refuses a payment %s', (_, change, changed, reason) => {
    expect(refusePayment({ ...order, ...changed }, 42, { ...payment, ...change }, NOON)).toBe(reason)
  })
})

describe('judgeCharge', () => {
  it('settles one order with one charge; any other goes back', () => {
    expect(judgeCharge(order, 42, payment)).toBe('settled')
    expect(judgeCharge(order, 42, { ...payment, stars: 249 })).toBe('amount_mismatch')
    expect(judgeCharge(order, 41, payment)).toBe('foreign_payer')
    for (const state of ORDER_STATES) {
      const outcome = judgeCharge({ ...order, state }, 42, payment)
      const isOpen = state === 'created' || state === 'payment_pending'
      expect(outcome === 'settled').toBe(isOpen)
    }
  })
})

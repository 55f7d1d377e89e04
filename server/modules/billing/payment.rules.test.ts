import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PAYMENT_PROVIDERS, PAYMENT_STATES } from '#contract/words.ts'

import { type Money, type PaymentAct, type PaymentFacts, type Posting, decidePayment } from './payment.rules.ts'

const ASKED: Money = { amountMinor: 100_000, currency: 'TRY' }

const money: fc.Arbitrary<Money> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(ASKED) },
  fc.record({ amountMinor: fc.constantFrom(1, 99_999, 100_000, 100_001), currency: fc.constantFrom('TRY', 'USD') }),
)
const act: fc.Arbitrary<PaymentAct> = fc.oneof(
  fc
    .constantFrom('claim', 'hand_over', 'approve', 'reject', 'expire', 'refund', 'provider_failed')
    .map((kind) => ({ kind })),
  fc.record({ kind: fc.constant('provider_paid'), money, providerPaymentId: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('provider_refunded'), money }),
)
const provider = fc.constantFrom(...PAYMENT_PROVIDERS)

interface Life {
  readonly facts: PaymentFacts
  readonly activations: number
  readonly postings: readonly Posting[]
}

const fresh = (name: PaymentFacts['provider']): Life => ({
  facts: {
    state: 'created',
    provider: name,
    asked: ASKED,
    received: null,
    reviewReason: null,
    providerPaymentId: null,
  },
  activations: 0,
  postings: [],
})

const live = (life: Life, next: PaymentAct): Life => {
  const decision = decidePayment(life.facts, next)
  if (decision.kind !== 'move') return life
  const isFirst = life.facts.received === null && next.kind === 'provider_paid'
  return {
    facts: {
      ...life.facts,
      state: decision.to,
      received: decision.received,
      reviewReason: decision.reviewReason,
      providerPaymentId: isFirst ? next.providerPaymentId : life.facts.providerPaymentId,
    },
    activations: life.activations + (decision.activates ? 1 : 0),
    postings: [...life.postings, ...decision.postings],
  }
}

/** What an account holds, by currency. */
const balance = (postings: readonly Posting[], account: Posting['to']): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {}
  for (const { from, to, amountMinor, currency } of postings) {
    const sign = (to === account ? 1 : 0) - (from === account ? 1 : 0)
    sums[currency] = (sums[currency] ?? 0) + sign * amountMinor
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0))
}

const lives = (check: (life: Life, acts: readonly PaymentAct[]) => void) =>
  fc.assert(
    fc.property(provider, fc.array(act, { maxLength: 14 }), (name, acts) => {
      check(acts.reduce(live, fresh(name)), acts)
    }),
    { numRuns: 2_000 },
  )

describe('decidePayment', () => {
  it('activates at most once, whatever happens in whatever order', () => {
    lives(({ activations }) => expect(activations).toBeLessThanOrEqual(1))
  })

  it('makes each posting at most once, and leaves the ledger saying what the state says', () => {
    lives(({ facts, postings }) => {
      expect(new Set(postings.map(({ posting }) => posting)).size).toBe(postings.length)
      const came = facts.received === null ? {} : { [facts.received.currency]: facts.received.amountMinor }
      const earned = facts.state === 'approved' || facts.state === 'paid'
      expect(balance(postings, 'cash')).toEqual(facts.state === 'refunded' ? {} : came)
      expect(balance(postings, 'held')).toEqual(
        earned || facts.state === 'refunded' || facts.received === null ? {} : negative(came),
      )
      expect(balance(postings, 'revenue')).toEqual(earned ? negative(came) : {})
    })
  })

  it('lets nothing begin without an approval or exactly what was asked', () => {
    lives(({ activations }, acts) => {
      const isBacked = acts.some(
        (one) =>
          one.kind === 'approve' ||
          (one.kind === 'provider_paid' && one.money.amountMinor === ASKED.amountMinor && one.money.currency === 'TRY'),
      )
      expect(isBacked || activations === 0).toBe(true)
    })
  })

  it('hears a repetition without doing anything, whatever was heard', () => {
    fc.assert(
      fc.property(provider, fc.array(act, { maxLength: 8 }), act, (name, acts, last) => {
        if (last.kind === 'hand_over') return
        const once = live(acts.reduce(live, fresh(name)), last)
        expect(live(once, last)).toEqual(once)
      }),
      { numRuns: 2_000 },
    )
  })

  it('answers every act in every state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PAYMENT_STATES), provider, act, (state, name, next) => {
        expect(['move', 'keep', 'refuse']).toContain(decidePayment({ ...fresh(name).facts, state }, next).kind)
      }),
    )
  })

  it.each([
    [{ amountMinor: 99_999, currency: 'TRY' }, 'amount_mismatch'],
    [{ amountMinor: 100_001, currency: 'TRY' }, 'amount_mismatch'],
    [{ amountMinor: 100_000, currency: 'USD' }, 'currency_mismatch'],
  ] as const)('holds %o for a person as %s', (received, reviewReason) => {
    const { facts } = live(fresh('stripe'), { kind: 'provider_paid', money: received, providerPaymentId: 'a' })
    expect(facts).toMatchObject({ state: 'pending', reviewReason, received })
    expect(live({ ...fresh('stripe'), facts }, { kind: 'approve' })).toMatchObject({ activations: 1 })
  })

  it('still begins a package whose money arrives after the order expired', () => {
    const acts: readonly PaymentAct[] = [
      { kind: 'hand_over' },
      { kind: 'expire' },
      { kind: 'provider_paid', money: ASKED, providerPaymentId: 'a' },
    ]
    expect(acts.reduce(live, fresh('paytr'))).toMatchObject({ facts: { state: 'paid' }, activations: 1 })
  })

  it('begins nothing when the refund overtakes the payment', () => {
    const acts: readonly PaymentAct[] = [
      { kind: 'hand_over' },
      { kind: 'provider_refunded', money: ASKED },
      { kind: 'provider_paid', money: ASKED, providerPaymentId: 'a' },
    ]
    expect(acts.reduce(live, fresh('stripe'))).toMatchObject({
      facts: { state: 'refunded' },
      activations: 0,
      postings: [],
    })
  })

  it('does not approve what a provider has not received', () => {
    expect(decidePayment({ ...fresh('stripe').facts, state: 'pending' }, { kind: 'approve' })).toEqual({
      kind: 'refuse',
      code: 'payment_waits_for_provider',
    })
    expect(decidePayment({ ...fresh('transfer').facts, state: 'expired' }, { kind: 'approve' })).toEqual({
      kind: 'refuse',
      code: 'payment_closed',
    })
  })
})

const negative = (sums: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(sums).map(([currency, sum]) => [currency, -sum]))

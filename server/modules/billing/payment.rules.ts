import type { PaymentProviderName, PaymentReviewReason, PaymentState } from '#contract/words.ts'

/** Integer minor units: kuruş for TRY, cents for EUR and USD, whole Stars for XTR. */
export interface Money {
  readonly amountMinor: number
  readonly currency: string
}

/** What a decision about a payment rests on. */
export interface PaymentFacts {
  readonly state: PaymentState
  readonly provider: PaymentProviderName
  /** What was asked for. */
  readonly asked: Money
  /** What has come in; null while nothing has. */
  readonly received: Money | null
  readonly reviewReason: PaymentReviewReason | null
  readonly providerPaymentId: string | null
}

/** What somebody does to a payment, or tells about it. */
export type PaymentAct =
  | { readonly kind: 'claim' | 'hand_over' | 'approve' | 'reject' | 'expire' | 'refund' | 'provider_failed' }
  | { readonly kind: 'provider_paid'; readonly money: Money; readonly providerPaymentId: string }
  | { readonly kind: 'provider_refunded'; readonly money: Money }

export const LEDGER_ACCOUNTS = ['cash', 'held', 'revenue'] as const
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number]

/** What moves: `from` loses, `to` gains. */
export interface Posting extends Money {
  readonly posting: 'received' | 'recognised' | 'returned' | 'reversed'
  readonly from: LedgerAccount
  readonly to: LedgerAccount
}

export interface PaymentMove {
  readonly kind: 'move'
  readonly to: PaymentState
  readonly reviewReason: PaymentReviewReason | null
  readonly received: Money | null
  /** The package begins: at most once in a payment's life. */
  readonly activates: boolean
  readonly postings: readonly Posting[]
}

export type PaymentDecision =
  | PaymentMove
  /** Nothing changes, and that is right: a repetition, or news that mean nothing here. */
  | { readonly kind: 'keep'; readonly why: string }
  | {
      readonly kind: 'refuse'
      readonly code: 'payment_closed' | 'payment_not_claimable' | 'payment_waits_for_provider' | 'payment_not_received'
    }

/** An unpaid order is open for this long. */
export const PAYMENT_OPEN_MS = 72 * 60 * 60_000

const keep = (why: string): PaymentDecision => ({ kind: 'keep', why })
const refuse = (code: Extract<PaymentDecision, { readonly kind: 'refuse' }>['code']): PaymentDecision => ({
  kind: 'refuse',
  code,
})

const sameMoney = (a: Money, b: Money): boolean => a.amountMinor === b.amountMinor && a.currency === b.currency

const receipt = (money: Money): Posting => ({ ...money, posting: 'received', from: 'held', to: 'cash' })
const recognition = (money: Money): Posting => ({ ...money, posting: 'recognised', from: 'revenue', to: 'held' })
const reversal = (money: Money): Posting => ({ ...money, posting: 'reversed', from: 'held', to: 'revenue' })
const payout = (money: Money): Posting => ({ ...money, posting: 'returned', from: 'cash', to: 'held' })

const move = (facts: PaymentFacts, to: PaymentState, changes: Partial<PaymentMove> = {}): PaymentMove => ({
  kind: 'move',
  to,
  reviewReason: null,
  received: facts.received,
  activates: false,
  postings: [],
  ...changes,
})

/** Whether the money counts as earned. */
const isBelieved = ({ state }: PaymentFacts): boolean => state === 'approved' || state === 'paid'

/** Waits for nobody but the customer or the provider. */
const isWaiting = ({ state, reviewReason }: PaymentFacts): boolean =>
  state === 'created' || (state === 'pending' && reviewReason === null)

const claim = (facts: PaymentFacts): PaymentDecision => {
  if (facts.provider !== 'transfer') return refuse('payment_not_claimable')
  if (facts.state === 'created') return move(facts, 'claimed')
  return facts.state === 'claimed' || isBelieved(facts) ? keep('already_claimed') : refuse('payment_closed')
}

const approve = (facts: PaymentFacts): PaymentDecision => {
  if (isBelieved(facts)) return keep('already_approved')
  // Somebody's word about a bank account is believed as a whole; what a provider received is known.
  if (facts.provider === 'transfer' && (facts.state === 'created' || facts.state === 'claimed')) {
    const { asked } = facts
    const postings = [receipt(asked), recognition(asked)]
    return move(facts, 'approved', { received: asked, activates: true, postings })
  }
  if (facts.state !== 'pending')
    return refuse(facts.state === 'created' ? 'payment_waits_for_provider' : 'payment_closed')
  if (facts.reviewReason === null) return refuse('payment_waits_for_provider')
  if (facts.received === null) return refuse('payment_not_received')
  return move(facts, 'approved', { activates: true, postings: [recognition(facts.received)] })
}

const reject = (facts: PaymentFacts): PaymentDecision => {
  if (facts.state === 'rejected') return keep('already_rejected')
  return ['created', 'claimed', 'pending'].includes(facts.state) ? move(facts, 'rejected') : refuse('payment_closed')
}

const refund = (facts: PaymentFacts): PaymentDecision => {
  if (facts.state === 'refunded') return keep('already_refunded')
  if (facts.received === null) return refuse('payment_not_received')
  const postings = isBelieved(facts) ? [reversal(facts.received), payout(facts.received)] : [payout(facts.received)]
  return move(facts, 'refunded', { postings })
}

const hearPaid = (facts: PaymentFacts, money: Money, providerPaymentId: string): PaymentDecision => {
  if (facts.received !== null) {
    if (facts.providerPaymentId === providerPaymentId || facts.state === 'refunded') return keep('already_received')
    return facts.reviewReason === 'paid_twice'
      ? keep('already_received')
      : move(facts, facts.state, { reviewReason: 'paid_twice' })
  }
  // The refund overtook its payment: what came has gone again.
  if (facts.state === 'refunded') return keep('refunded_before')
  const hold = (reviewReason: PaymentReviewReason) =>
    move(facts, 'pending', { reviewReason, received: money, postings: [receipt(money)] })
  if (money.currency !== facts.asked.currency) return hold('currency_mismatch')
  if (money.amountMinor !== facts.asked.amountMinor) return hold('amount_mismatch')
  if (facts.state === 'rejected') return hold('paid_after_rejection')
  return move(facts, 'paid', { received: money, activates: true, postings: [receipt(money), recognition(money)] })
}

const hearRefunded = (facts: PaymentFacts, money: Money): PaymentDecision => {
  if (facts.state === 'refunded') return keep('already_refunded')
  if (facts.received === null) {
    return sameMoney(money, facts.asked)
      ? move(facts, 'refunded')
      : move(facts, 'pending', { reviewReason: 'refund_mismatch' })
  }
  if (sameMoney(money, facts.received)) return refund(facts)
  return facts.reviewReason === 'refund_mismatch'
    ? keep('already_refund_mismatch')
    : move(facts, facts.state, { reviewReason: 'refund_mismatch' })
}

/**
 * What an act means for a payment: pure and total. A payment moves from created (claimed by the customer, or pending
 * at a provider) to approved or paid, which activate; to rejected, expired or refunded. Money that is not exactly what
 * was asked, or comes after a rejection, is held for a person and never activates by itself; exact money for an order that
 * ran out meanwhile is what was agreed, and activates.
 */
export const decidePayment = (facts: PaymentFacts, act: PaymentAct): PaymentDecision => {
  switch (act.kind) {
    case 'claim':
      return claim(facts)
    case 'hand_over':
      return isWaiting(facts) ? move(facts, 'pending') : refuse('payment_closed')
    case 'approve':
      return approve(facts)
    case 'reject':
      return reject(facts)
    case 'refund':
      return refund(facts)
    case 'expire':
      return isWaiting(facts) ? move(facts, 'expired') : keep('not_waiting')
    case 'provider_failed':
      // The person may try again at the provider; the order ends by itself when nobody does.
      return keep('failed')
    case 'provider_paid':
      return hearPaid(facts, act.money, act.providerPaymentId)
    case 'provider_refunded':
      return hearRefunded(facts, act.money)
  }
}

/** One order and how it went. Instants are epoch ms. */
export interface Payment extends PaymentFacts {
  readonly id: number
  readonly tenantId: number
  readonly reference: string
  readonly package: string
  /** Pieces by add-on. */
  readonly addOns: Readonly<Record<string, number>>
  readonly periodDays: number
  /** The price in the catalogue's currency, in its minor units. */
  readonly priceMinor: number
  readonly checkoutId: string | null
  readonly checkoutUrl: string | null
  readonly sellerAccountId: number | null
  readonly payerTelegramId: number | null
  readonly claimedBy: string | null
  readonly claimedAt: number | null
  readonly evidenceText: string | null
  readonly evidenceFileId: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly decidedBy: string | null
  readonly decidedAt: number | null
  readonly decisionNote: string | null
  readonly activatedAt: number | null
}

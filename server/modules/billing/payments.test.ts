import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { ProviderEvent } from '#server/gateways/payments/payment-provider.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import {
  type Activation,
  type NewPayment,
  type Payment,
  applyProviderEvent,
  approvePayment,
  claimPayment,
  createPayment,
  expirePayments,
  getPayment,
  listLedgerBalances,
  listPaymentWays,
  listPayments,
  listRevenue,
  rejectPayment,
} from './index.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)

let tenant: number
let activations: Activation[]
const activate = async (_tx: TenantTx, activation: Activation): Promise<void> => void activations.push(activation)
const deps = { db, activate }

beforeEach(async () => {
  tenant = await createTenant(db)
  activations = []
})

const as = <T>(work: (tx: TenantTx) => Promise<T>, id = tenant) => inTenant(db, id, work)
const open = (changes: Partial<NewPayment> = {}, at = NOON): Promise<Payment> =>
  as((tx) =>
    createPayment(
      tx,
      { provider: 'transfer', package: 'starter', periodDays: 30, amountMinor: 50_000, currency: 'TRY', ...changes },
      { by: 'telegram:5', at },
    ),
  )
const claim = (reference: string, by = 'telegram:5', at = NOON, id = tenant) =>
  as((tx) => claimPayment(tx, { reference, by, evidenceText: 'Ziraat, 12:04', at }), id)
const approve = (paymentId: number) => as((tx) => approvePayment(tx, { paymentId, by: 'operator', at: NOON, activate }))
const find = (id: number) => as((tx) => getPayment(tx, { id }))
const told = (payment: Payment, changes: Partial<ProviderEvent> = {}): ProviderEvent => ({
  provider: payment.provider,
  eventId: `e-${payment.reference}`,
  reference: payment.reference,
  kind: 'paid',
  ...payment.asked,
  providerPaymentId: `p-${payment.reference}`,
  ...changes,
})
const hear = (event: ProviderEvent) => applyProviderEvent(deps, event, { at: NOON })
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error as { readonly code?: string }).code ?? error,
  )

describe('createPayment', () => {
  it('opens an order with a reference that banks and providers take', async () => {
    const payment = await open()
    expect(payment).toMatchObject({ state: 'created', received: null, expiresAt: NOON + 72 * HOUR_MS })
    expect(payment.reference).toMatch(/^GC[2-9A-HJ-KM-NP-Z]{10}$/)
  })

  it.each([
    [{ currency: 'XTR' }, 'word_expected'],
    [{ amountMinor: 0 }, 'whole_number_expected'],
    [{ amountMinor: 10.5 }, 'whole_number_expected'],
    [{ periodDays: 0 }, 'whole_number_expected'],
    [{ package: 'x; drop' }, 'payment_package'],
    [{ addOns: { extra_bot: -1 } }, 'whole_number_expected'],
    [{ provider: 'stars', currency: 'XTR' }, 'payment_price_missing'],
  ] as const)('refuses %o', async (changes, code) => {
    expect(await codeOf(open(changes))).toBe(code)
  })

  it('opens no twenty-first order before one of twenty is decided', async () => {
    for (let i = 0; i < 20; i += 1) await open()
    expect(await codeOf(open())).toBe('payments_open_max')
  })
})

describe('claimPayment', () => {
  it('puts the order into the queue, starts nothing, and may be said twice', async () => {
    const { id, reference } = await open()
    await claim(reference.toLowerCase())
    await claim(reference)
    expect(await find(id)).toMatchObject({ state: 'claimed', claimedBy: 'telegram:5', evidenceText: 'Ziraat, 12:04' })
    expect(activations).toEqual([])
    const queue = await as((tx) => listPayments(tx, { needsDecision: true }))
    expect(queue.map((payment) => payment.id)).toEqual([id])
    const lines = await as((tx) => listAudit(tx, tenant, 10))
    expect(lines.filter(({ action }) => action === 'payment.claim')).toHaveLength(1)
  })

  it('lets one of two people claim a reference, at the same moment too', async () => {
    const { reference } = await open()
    const codes = await Promise.all([codeOf(claim(reference)), codeOf(claim(reference, 'telegram:6'))])
    expect(codes.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(['accepted', 'payment_claimed_by_another'])
  })

  it('knows no reference of another tenant', async () => {
    const { reference } = await open()
    const other = await createTenant(db)
    expect(await codeOf(claim(reference, 'telegram:5', NOON, other))).toBe('not_found')
  })

  it('asks for evidence, refuses late claims and claims about providers', async () => {
    const { reference } = await open()
    expect(await codeOf(as((tx) => claimPayment(tx, { reference, by: 'a', evidenceText: ' ', at: NOON })))).toBe(
      'payment_evidence_missing',
    )
    expect(await codeOf(claim(reference, 'telegram:5', NOON + 72 * HOUR_MS))).toBe('payment_closed')
    const card = await open({ provider: 'stripe' })
    expect(await codeOf(claim(card.reference))).toBe('payment_not_claimable')
  })
})

describe('approvePayment', () => {
  it('begins the package once, however many operators press at once', async () => {
    const { id, reference } = await open({ addOns: { extra_bot: 2 } })
    await claim(reference)
    await Promise.all(Array.from({ length: 8 }, () => approve(id)))
    expect(activations).toEqual([
      {
        tenantId: tenant,
        package: 'starter',
        periodDays: 30,
        addOns: { extra_bot: 2 },
        paidMinor: 50_000,
        reference,
        at: NOON,
      },
    ])
    expect(await find(id)).toMatchObject({ state: 'approved', decidedBy: 'operator', activatedAt: NOON })
    expect(await as(listLedgerBalances)).toEqual([
      { account: 'cash', currency: 'TRY', amountMinor: 50_000 },
      { account: 'held', currency: 'TRY', amountMinor: 0 },
      { account: 'revenue', currency: 'TRY', amountMinor: -50_000 },
    ])
  })

  it('leaves nothing behind when the package cannot begin', async () => {
    const { id, reference } = await open()
    await claim(reference)
    const broken = () => Promise.reject(new Error('no such package'))
    await expect(
      as((tx) => approvePayment(tx, { paymentId: id, by: 'operator', at: NOON, activate: broken })),
    ).rejects.toThrow('no such package')
    expect(await find(id)).toMatchObject({ state: 'claimed', received: null })
    expect(await as(listLedgerBalances)).toEqual([])
  })

  it('begins nothing after a rejection, which needs a reason', async () => {
    const { id, reference } = await open()
    await claim(reference)
    const reject = (reason: string) =>
      as((tx) => rejectPayment(tx, { paymentId: id, by: 'operator', at: NOON, reason }))
    expect(await codeOf(reject(' '))).toBe('text_too_short')
    await reject('Hesapta görünmüyor')
    expect(await codeOf(approve(id))).toBe('payment_closed')
    expect(await find(id)).toMatchObject({ state: 'rejected', decisionNote: 'Hesapta görünmüyor' })
    expect(activations).toEqual([])
  })
})

describe('applyProviderEvent', () => {
  it('begins the package once for callbacks that come together', async () => {
    const payment = await open({ provider: 'paytr' })
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => hear(told(payment))))
    expect(outcomes.map(({ outcome }) => outcome).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'paid',
      ...Array.from({ length: 7 }, () => 'repeated'),
    ])
    expect(activations).toHaveLength(1)
  })

  it('holds a wrong amount until somebody approves it, and earns what came', async () => {
    const payment = await open({ provider: 'stripe' })
    expect(await hear(told(payment, { amountMinor: 49_999 }))).toMatchObject({ outcome: 'amount_mismatch' })
    expect(activations).toEqual([])
    const [held] = await as((tx) => listPayments(tx, { needsDecision: true }))
    expect(held).toMatchObject({ id: payment.id, reviewReason: 'amount_mismatch' })
    await approve(payment.id)
    expect(activations).toHaveLength(1)
    expect((await as(listLedgerBalances)).find(({ account }) => account === 'revenue')?.amountMinor).toBe(-49_999)
  })

  it('does not believe another provider, or a reference of nobody', async () => {
    const payment = await open({ provider: 'stripe' })
    expect(await codeOf(hear(told(payment, { provider: 'paytr' })))).toBe('payment_foreign_event')
    expect(await codeOf(hear(told(payment, { reference: 'GCNOBODY2222' })))).toBe('not_found')
    expect(await find(payment.id)).toMatchObject({ state: 'created' })
  })

  it('does not believe Stars paid to the bot of an account that does not sell', async () => {
    const payment = await open({ provider: 'stars', currency: 'XTR', amountMinor: 300, priceMinor: 50_000 })
    expect(await codeOf(applyProviderEvent(deps, told(payment), { at: NOON, accountId: 9 }))).toBe(
      'payment_foreign_event',
    )
    expect(activations).toEqual([])
  })

  it('gives at most one activation and a balanced ledger for any order, repetition and loss', async () => {
    const kinds = fc.constantFrom('paid', 'short', 'refunded', 'failed', 'approve', 'reject', 'expire')
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { minLength: 1, maxLength: 8 }), fc.boolean(), async (story, together) => {
        activations = []
        const payment = await open({ provider: 'stripe' })
        const steps = story.map((kind) => () => {
          if (kind === 'approve') return approve(payment.id)
          if (kind === 'reject')
            return as((tx) => rejectPayment(tx, { paymentId: payment.id, by: 'operator', at: NOON, reason: 'x' }))
          if (kind === 'expire') return expirePayments(db, payment.expiresAt)
          const short = kind === 'short' ? { amountMinor: 1, kind: 'paid' as const } : { kind }
          return hear(told(payment, { eventId: `${kind}-${payment.reference}`, ...short }))
        })
        if (together) await Promise.allSettled(steps.map((step) => step()))
        else for (const step of steps) await step().catch(() => undefined)
        expect(activations.length).toBeLessThanOrEqual(1)
        const after = await find(payment.id)
        expect(after.activatedAt !== null).toBe(activations.length === 1)
        expect((await as(listLedgerBalances)).reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(0)
        // Twenty open orders are the limit, and this one has told its story.
        await db.deleteFrom('payment').where('id', '=', payment.id).execute()
      }),
      { numRuns: 40 },
    )
  })
})

describe('ledger_entry', () => {
  it('takes no posting that does not balance, and forgets none', async () => {
    const { id } = await open()
    const lone = {
      tenant_id: tenant,
      payment_id: id,
      posting: 'received',
      account: 'cash',
      amount_minor: 5,
      currency: 'TRY',
    }
    await expect(
      as((tx) =>
        tx
          .insertInto('ledger_entry')
          .values({ ...lone, at: '2026-06-01' })
          .execute(),
      ),
    ).rejects.toThrow(/does not balance/)
    await expect(as((tx) => tx.deleteFrom('ledger_entry').execute())).rejects.toThrow(/permission denied/)
  })
})

describe('expirePayments', () => {
  it('closes what nobody paid in 72 hours, and leaves claims and held money to the operator', async () => {
    const [unpaid, atProvider, claimed, held] = [
      await open(),
      await open({ provider: 'paytr' }),
      await open(),
      await open({ provider: 'paytr' }),
    ]
    await claim(claimed.reference)
    await hear(told(held, { amountMinor: 1 }))
    await expirePayments(db, NOON + 72 * HOUR_MS - 1)
    expect(await find(unpaid.id)).toMatchObject({ state: 'created' })
    await expirePayments(db, NOON + 72 * HOUR_MS)
    const states = await Promise.all([unpaid, atProvider, claimed, held].map(async ({ id }) => (await find(id)).state))
    expect(states).toEqual(['expired', 'expired', 'claimed', 'pending'])
    expect(await codeOf(claim(unpaid.reference, 'telegram:5', NOON + 73 * HOUR_MS))).toBe('payment_closed')
  })
})

describe('listRevenue', () => {
  it('gives what was earned by month and package, in each currency apart', async () => {
    await hear(told(await open({ provider: 'paytr' })))
    await hear(
      told(
        await open({
          provider: 'stripe',
          package: 'enterprise',
          currency: 'USD',
          amountMinor: 6_000,
          priceMinor: 200_000,
        }),
      ),
    )
    const refunded = await open({ provider: 'paytr' })
    await hear(told(refunded))
    await hear(told(refunded, { kind: 'refunded', eventId: 'back' }))
    const range = { from: NOON - DAY_MS, to: NOON + DAY_MS }
    expect(await as((tx) => listRevenue(tx, range))).toEqual([
      { monthOn: '2026-06-01', package: 'enterprise', currency: 'USD', amountMinor: 6_000, payments: 1 },
      { monthOn: '2026-06-01', package: 'starter', currency: 'TRY', amountMinor: 50_000, payments: 2 },
    ])
    expect(await asOperator(db, 'test', (tx) => listPayments(tx, { states: ['refunded'] }))).toHaveLength(1)
  })
})

describe('listPaymentWays', () => {
  it('offers Stars alone inside Telegram, with a link to the rest, and the rest on the web', () => {
    const offered = { enabled: ['transfer', 'stars', 'stripe'], payPageUrl: 'https://a.example/pay' } as const
    expect(listPaymentWays('telegram', offered)).toEqual([
      { kind: 'provider', provider: 'stars' },
      { kind: 'link', url: 'https://a.example/pay' },
    ])
    expect(listPaymentWays('web', offered)).toEqual([
      { kind: 'provider', provider: 'transfer' },
      { kind: 'provider', provider: 'stripe' },
    ])
    expect(listPaymentWays('telegram', { ...offered, enabled: ['stars'] })).toHaveLength(1)
    expect(listPaymentWays('telegram', { ...offered, enabled: [] })).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'

import type { MemberRole, PackageName } from '#contract/words.ts'
import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { PaymentProvider } from '#server/gateways/payments/payment-provider.ts'
import { createPaymentProviders } from '#server/gateways/payments/adapters/create-payment-providers.ts'
import {
  activatePaidPackage,
  activateSubscription,
  approvePayment,
  rejectPayment,
} from '#server/modules/billing/index.ts'
import { setTenantState } from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant, ownerAt } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const IBAN = 'TR330006100519786457841326'
const transfer = { iban: IBAN, holder: 'Gavatcore Ltd', papara: null }
const off = { stripe: null, paytr: null, papara: null, stars: null, publicUrl: null }
const providers = new Map(createPaymentProviders({ ...off, transfer }))
/** A provider whose page is elsewhere. */
const stripe: PaymentProvider = {
  ...(providers.get('transfer') as PaymentProvider),
  createCheckout: async ({ reference }) => ({
    kind: 'page',
    url: `https://pay.example/${reference}`,
    isEmbedded: false,
    checkoutId: reference,
  }),
}
providers.set('stripe', stripe)
const payments = { db, providers, sellerAccountId: null, activate: activatePaidPackage }
const { addMember, callAs, signIn } = openTestApi(db, clock, { payments, consoleTenantSlug: null })

interface Answer {
  readonly status: number
  readonly id: number
  readonly code?: string
  readonly field?: string
  readonly reference: string
  readonly path?: string
  readonly items: readonly { readonly id: number; readonly state: string }[]
}

/** A tenant that paid for a package half a period ago. */
const openShop = async (name: Exclude<PackageName, 'trial'> = 'professional') => {
  const tenantId = await createTenant(db)
  await db
    .updateTable('subscription')
    .set({ package: 'trial', state: 'trial', period_ends_at: toDate(NOON - 15 * DAY_MS) })
    .where('tenant_id', '=', tenantId)
    .execute()
  const prices = { starter: 50_000, professional: 100_000, enterprise: 200_000, custom: 300_000 }
  await inTenant(db, tenantId, (tx) =>
    activateSubscription(tx, {
      tenantId,
      package: name,
      periodDays: 30,
      paidMinor: prices[name],
      reference: `first-${tenantId}`,
      at: NOON - 15 * DAY_MS,
    }),
  )
  const member = async (role: MemberRole) => (await addMember<Answer>(tenantId, role)).call
  return { tenantId, owner: await member('owner'), member }
}

const paymentsOf = (tenantId: number) =>
  db.selectFrom('payment').select(['id', 'state', 'reference']).where('tenant_id', '=', tenantId).execute()

describe('billing', () => {
  it('shows the package, what is used of it and what else is sold', async () => {
    const { owner, member } = await openShop()
    expect(await owner('GET', 'billing')).toMatchObject({
      status: 200,
      subscription: { package: 'professional', state: 'active', periodEndsAt: NOON + 15 * DAY_MS },
      usage: expect.arrayContaining([{ name: 'members', limit: null, used: 1, resetAt: null }]),
      packages: [
        { package: 'starter', priceMinor: 50_000, currency: 'TRY' },
        { package: 'professional' },
        { package: 'enterprise' },
        { package: 'custom', priceMinor: null },
      ],
      ways: ['transfer', 'stripe'],
      hasPayPage: true,
    })
    expect(await (await member('agent'))('GET', 'billing')).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await (await member('billing'))('GET', 'billing')).toMatchObject({ status: 200 })
  })

  it('previews what a change costs, and what is left of the old package', async () => {
    const { owner } = await openShop()
    expect(await owner('GET', 'billing/preview?package=enterprise')).toMatchObject({
      kind: 'change',
      priceMinor: 200_000,
      creditMinor: 50_000,
      dueMinor: 150_000,
      startsAt: NOON,
      // Half a professional period is a quarter of an enterprise one.
      endsAt: NOON + 37.5 * DAY_MS,
      prices: [
        { provider: 'transfer', amountMinor: 200_000, currency: 'TRY' },
        { provider: 'stripe', amountMinor: 200_000 },
      ],
    })
    expect(await owner('GET', 'billing/preview?package=professional')).toMatchObject({
      kind: 'renewal',
      startsAt: NOON + 15 * DAY_MS,
      endsAt: NOON + 45 * DAY_MS,
    })
    expect(await owner('GET', 'billing/preview?package=custom')).toMatchObject({ status: 400, field: 'package' })
    expect(await owner('GET', 'billing/preview?package=gold')).toMatchObject({ status: 400, field: 'package' })
  })

  it('makes one order of two presses at the same instant', async () => {
    const { owner, tenantId } = await openShop()
    const press = () => owner('POST', 'billing/orders', { package: 'enterprise', provider: 'transfer' })
    const [first, second] = await Promise.all([press(), press()])
    expect(first).toMatchObject({ status: 200, isClaimable: true, transfer: { iban: IBAN }, payUrl: null })
    expect(second.reference).toBe(first.reference)
    expect(await paymentsOf(tenantId)).toHaveLength(1)
    const [card, again] = [
      await owner('POST', 'billing/orders', { package: 'enterprise', provider: 'stripe' }),
      await owner('POST', 'billing/orders', { package: 'enterprise', provider: 'stripe' }),
    ]
    expect(card).toMatchObject({ state: 'pending', payUrl: `https://pay.example/${card.reference}`, transfer: null })
    expect(again.reference).toBe(card.reference)
  })

  it('takes “I have paid”, and begins the package when somebody has looked', async () => {
    const { owner, member, tenantId } = await openShop()
    const { id } = await owner('POST', 'billing/orders', { package: 'enterprise', provider: 'transfer' })
    expect(await owner('POST', `billing/payments/${id}/claim`, { evidence: ' ' })).toMatchObject({
      status: 400,
      field: 'evidenceText',
    })
    expect(await owner('POST', `billing/payments/${id}/claim`, { evidence: 'Ziraat 12:04' })).toMatchObject({
      state: 'claimed',
      isClaimable: false,
    })
    const other = await openShop()
    expect(await other.owner('POST', `billing/payments/${id}/claim`, { evidence: 'x' })).toMatchObject({ status: 404 })
    expect(await (await member('admin'))('POST', `billing/payments/${id}/claim`, { evidence: 'x' })).toMatchObject({
      code: 'payment_claimed_by_another',
    })
    await inTenant(db, tenantId, (tx) =>
      approvePayment(tx, { paymentId: id, by: 'test', at: NOON, activate: activatePaidPackage }),
    )
    expect(await owner('GET', 'billing')).toMatchObject({ subscription: { package: 'enterprise' } })
    expect((await owner('GET', 'billing/payments')).items).toMatchObject([{ id, state: 'approved', transfer: null }])
  })

  it('says why a claim was turned down', async () => {
    const { owner, tenantId } = await openShop()
    const { id } = await owner('POST', 'billing/orders', { package: 'starter', provider: 'transfer' })
    await owner('POST', `billing/payments/${id}/claim`, { evidence: 'x' })
    await inTenant(db, tenantId, (tx) =>
      rejectPayment(tx, { paymentId: id, by: 'test', at: NOON, reason: 'Para gelmedi' }),
    )
    expect((await owner('GET', 'billing/payments')).items).toMatchObject([
      { state: 'rejected', decisionNote: 'Para gelmedi', isClaimable: false },
    ])
  })

  it('changes to a smaller package at once where the rest of the old one pays for it, once', async () => {
    const { owner, member } = await openShop('enterprise')
    expect(await (await member('analyst'))('POST', 'billing/change', { package: 'starter' })).toMatchObject({
      status: 403,
    })
    const press = () => owner('POST', 'billing/change', { package: 'starter' })
    const [first, second] = await Promise.all([press(), press()])
    // Half of 2000 lira is two starter periods.
    expect(first).toMatchObject({ status: 200, package: 'starter', periodEndsAt: NOON + 60 * DAY_MS })
    expect(second).toMatchObject({ package: 'starter', periodEndsAt: NOON + 60 * DAY_MS })
    expect(await owner('POST', 'billing/change', { package: 'enterprise' })).toMatchObject({
      status: 409,
      code: 'change_to_be_paid',
    })
  })

  it('ends with its period when its owner says so, and nobody else', async () => {
    const { owner, member } = await openShop()
    expect(await (await member('billing'))('POST', 'billing/cancel')).toMatchObject({ status: 403 })
    expect(await owner('POST', 'billing/cancel')).toMatchObject({
      state: 'cancelled',
      periodEndsAt: NOON + 15 * DAY_MS,
    })
    expect(await owner('POST', 'billing/cancel')).toMatchObject({ status: 409, code: 'subscription_over' })
  })

  it('gives members a link to the pay page, and the console of the server none', async () => {
    const { owner } = await openShop()
    expect((await owner('POST', 'billing/pay-page')).path).toMatch(/^\/open\/[\w-]{43}$/)
    const console = callAs<Answer>(await signIn(null))
    expect((await console('POST', 'billing/pay-page')).status).toBe(400)
  })

  it('can be paid by a suspended tenant', async () => {
    const { owner, tenantId } = await openShop()
    const state = { state: 'suspended', reason: 'test' } as const
    await asOperator(db, 'test', (tx) => setTenantState(tx, tenantId, state, ownerAt(NOON)))
    const order = { package: 'professional', provider: 'transfer' }
    expect(await owner('POST', 'billing/orders', order)).toMatchObject({ status: 200 })
    expect(await owner('PATCH', 'tenant', { name: 'x' })).toMatchObject({ status: 403, code: 'tenant_suspended' })
  })

  it('refuses a way to pay that is not set up', async () => {
    const { owner } = await openShop()
    const order = (provider: string) => owner('POST', 'billing/orders', { package: 'starter', provider })
    expect(await order('stars')).toMatchObject({ status: 503, code: 'payment_provider_off' })
    expect(await order('gold')).toMatchObject({ status: 400, field: 'provider' })
  })

  it('lists payments page by page', async () => {
    const { owner, tenantId } = await openShop()
    for (const name of ['starter', 'professional', 'enterprise'])
      await owner('POST', 'billing/orders', { package: name, provider: 'transfer' })
    const ids = (await paymentsOf(tenantId)).map(({ id }) => id).toSorted((a, b) => b - a)
    const first = await owner('GET', 'billing/payments?limit=2')
    expect(first).toMatchObject({ items: [{ id: ids[0] }, { id: ids[1] }], nextCursor: String(ids[1]) })
    expect(await owner('GET', `billing/payments?limit=2&cursor=${ids[1]}`)).toMatchObject({
      items: [{ id: ids[2] }],
      nextCursor: null,
    })
  })
})

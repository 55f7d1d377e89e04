import { beforeEach, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { getSubscription, requireEntitlement } from '#server/modules/billing/index.ts'
import { findTenant, listAudit, listMemberships } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import {
  cancelOnboarding,
  choosePackage,
  choosePaymentWay,
  claimOnboardingPayment,
  findOpenOnboarding,
  openOnboarding,
  stepBack,
  viewOnboarding,
} from './index.ts'
import { type OnboardingWorld, codeOf, createOnboardingWorld } from './onboarding-world.suite.ts'

const db: Db = createDb((await createTestDatabase()).pool)
let world: OnboardingWorld
beforeEach(() => {
  world = createOnboardingWorld(db)
})

const tenantOf = async (id: number) => {
  const { tenantId } = await world.row(id)
  return asOperator(db, 'test', (tx) => findTenant(tx, tenantId ?? 0))
}
const now = () => world.clock.now()

describe('openOnboarding', () => {
  it('lets a newcomer begin, and finds the same one on any surface and in another language', async () => {
    const person = await world.arrive()
    expect(person).toMatchObject({ state: 'choosing', package: null, price: null, expiresAt: now() + DAY_MS })
    expect(person.commands).toEqual(['choose_package', 'cancel'])
    const again = await openOnboarding(
      world.deps,
      { telegramId: person.telegramId, name: 'Z', locale: 'ar', surface: 'miniapp' },
      now(),
    )
    expect(again).toMatchObject({ id: person.id, locale: 'ar' })
    expect(await findOpenOnboarding(world.deps, { telegramId: person.telegramId })).toMatchObject({ id: person.id })
  })

  it('begins once for two surfaces that open it at the same moment', async () => {
    const newcomer = { telegramId: 71, name: 'Z', locale: 'tr', surface: 'bot' } as const
    const views = await Promise.all(Array.from({ length: 8 }, () => openOnboarding(world.deps, newcomer, now())))
    expect(new Set(views.map((view) => view.id)).size).toBe(1)
  })

  it('begins anew when the time of the first step is over', async () => {
    const person = await world.arrive()
    await world.clock.advance(DAY_MS)
    const again = await openOnboarding(world.deps, { ...person, name: 'Z', surface: 'bot' }, now())
    expect(again.id).not.toBe(person.id)
    expect(await world.row(person.id)).toMatchObject({ state: 'expired', endReason: 'choosing_late', name: null })
  })

  it.each([
    [{ telegramId: -1 }, 'telegram_id_expected'],
    [{ locale: 'xx' }, 'unknown_word'],
    [{ surface: 'fax' }, 'unknown_word'],
    [{ variant: 'A b' }, 'onboarding_variant'],
  ])('refuses %o', async (changes, code) => {
    const newcomer = { telegramId: 5, name: 'Z', locale: 'tr', surface: 'bot', ...changes }
    expect(await codeOf(openOnboarding(world.deps, newcomer as never, now()))).toBe(code)
  })
})

describe('choosePackage', () => {
  it('makes a tenant of the person that may do nothing before a payment is believed', async () => {
    const person = await world.arrive()
    const view = await world.choose(person, 'professional', 2)
    expect(view).toMatchObject({ state: 'package_selected', price: { currency: 'TRY' }, isPaid: false })
    expect(await tenantOf(person.id)).toMatchObject({ state: 'suspended', slug: `customer-${person.id}`, locale: 'tr' })
    expect(await world.inOwn(person.id, getSubscription)).toMatchObject({ state: 'expired', package: 'professional' })
    const members = await asOperator(db, 'test', (tx) => listMemberships(tx, person.telegramId))
    expect(members).toMatchObject([{ role: 'owner', tenantId: view.tenantId }])
    const taking = world.inOwn(person.id, (tx) => requireEntitlement(tx, 'accounts', { at: now() }))
    expect(await codeOf(taking)).toBe('subscription_over')
  })

  it('chooses again while nothing is paid, on the same tenant, and closes the order of the choice before', async () => {
    const person = await world.arrive()
    const { tenantId } = await world.choose(person, 'starter')
    const { view } = await world.order(person)
    expect(await world.choose(person, 'enterprise')).toMatchObject({
      state: 'package_selected',
      payment: null,
      tenantId,
    })
    const first = await asOperator(db, 'test', (tx) =>
      tx
        .selectFrom('payment')
        .select('state')
        .where('id', '=', view.payment?.id ?? 0)
        .executeTakeFirst(),
    )
    expect(first).toEqual({ state: 'expired' })
  })

  it('makes one tenant of two choices at the same moment', async () => {
    const person = await world.arrive()
    await Promise.all([world.choose(person, 'starter'), world.choose(person, 'enterprise')])
    const members = await asOperator(db, 'test', (tx) => listMemberships(tx, person.telegramId))
    expect(members).toHaveLength(1)
  })

  it('lets a trial work at once, without a payment, once a person for ever', async () => {
    const person = await world.arrive()
    expect(await world.choose(person, 'trial')).toMatchObject({
      state: 'account_connecting',
      price: { amountMinor: 0 },
      isTrialUsed: false,
    })
    expect(await tenantOf(person.id)).toMatchObject({ state: 'active' })
    expect(await world.inOwn(person.id, getSubscription)).toMatchObject({ state: 'trial' })
    await cancelOnboarding(world.deps, world.mine(person), now())
    const second = await openOnboarding(world.deps, { ...person, name: 'Z', surface: 'bot' }, now())
    expect(second.isTrialUsed).toBe(true)
    const trial = { ...world.mine(person), onboardingId: second.id, package: 'trial' } as const
    expect(await codeOf(choosePackage(world.deps, trial, now()))).toBe('trial_used')
  })

  it('goes on with the trial that began when it is chosen again in the same onboarding', async () => {
    const person = await world.arrive()
    await world.choose(person, 'trial')
    const { periodEndsAt } = await world.inOwn(person.id, getSubscription)
    await world.clock.advance(HOUR_MS)
    await stepBack(world.deps, world.mine(person), now())
    await world.choose(person, 'starter')
    expect(await world.inOwn(person.id, getSubscription)).toMatchObject({ state: 'expired' })
    await world.choose(person, 'trial')
    expect(await world.inOwn(person.id, getSubscription)).toMatchObject({ state: 'trial', periodEndsAt })
  })

  it.each([
    ['custom', 0, 'package_by_agreement'],
    ['trial', 1, 'whole_number_expected'],
    ['starter', 1.5, 'whole_number_expected'],
    ['starter', 101, 'whole_number_expected'],
    ['gold', 0, 'unknown_word'],
  ])('refuses %s with %s extra bots', async (name, extraBots, code) => {
    const person = await world.arrive()
    expect(await codeOf(world.choose(person, name as 'starter', extraBots))).toBe(code)
    expect(await world.row(person.id)).toMatchObject({ state: 'choosing', tenantId: null })
  })
})

describe('choosePaymentWay', () => {
  it('opens one order with where to transfer to, on the web', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter', 1)
    const { view, checkout } = await world.order(person)
    expect(checkout).toMatchObject({ kind: 'instructions', instructions: { holder: 'Gavatcore' } })
    expect(view).toMatchObject({ state: 'payment_pending', transfer: { holder: 'Gavatcore' } })
    expect(view.payment).toMatchObject({ provider: 'transfer', asked: { amountMinor: 100_000, currency: 'TRY' } })
    expect(view.expiresAt).toBe(view.payment?.expiresAt)
    expect((await world.order(person)).view.payment).toEqual(view.payment)
    expect(await viewOnboarding(world.deps, world.mine(person))).toMatchObject({ transfer: null })
  })

  it('offers nothing but Stars and the way to the page inside Telegram', async () => {
    const person = await world.arrive()
    const view = await world.choose(person, 'starter')
    expect(view.ways).toEqual([{ kind: 'link', url: 'https://crm.example/pay' }])
    const inside = choosePaymentWay(world.deps, { ...world.mine(person), provider: 'transfer' }, now())
    expect(await codeOf(inside)).toBe('payment_way_not_here')
  })

  it('leaves one open order of two surfaces that choose different ways at the same moment', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    await Promise.all([world.order(person, 'transfer'), world.order(person, 'stripe')])
    const open = await world.inOwn(person.id, (tx) =>
      tx.selectFrom('payment').select('id').where('state', 'in', ['created', 'pending']).execute(),
    )
    expect(open).toEqual([{ id: (await world.row(person.id)).paymentId }])
  })

  it('says which providers are off, and at which step it may be asked', async () => {
    const person = await world.arrive()
    expect(await codeOf(world.order(person))).toBe('onboarding_step')
    const off = choosePaymentWay(world.deps, { ...world.onWeb(person), provider: 'paytr' }, now())
    expect(await codeOf(off)).toBe('payment_provider_off')
  })
})

describe('claimOnboardingPayment', () => {
  it('puts one claim into the queue, said twice and on two surfaces at once, and starts nothing', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    await world.order(person)
    await Promise.all([world.claim(person), world.claim(person)])
    expect(await world.row(person.id)).toMatchObject({
      state: 'payment_claimed',
      attempts: { claims: 1 },
      expiresAt: null,
      isPaid: false,
    })
    expect(await tenantOf(person.id)).toMatchObject({ state: 'suspended' })
    expect(await world.inOwn(person.id, getSubscription)).toMatchObject({ state: 'expired' })
    const lines = await world.inOwn(person.id, (tx) => listAudit(tx, tx.tenantId, 50))
    expect(lines.filter(({ action }) => action === 'payment.claim')).toHaveLength(1)
  })

  it('keeps a stranger out of every step', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    await world.order(person)
    const stranger = { ...world.mine(person), telegramId: 6 }
    const evidence = { evidenceText: 'benim' }
    const tries = [
      viewOnboarding(world.deps, stranger),
      choosePackage(world.deps, { ...stranger, package: 'starter' }, now()),
      choosePaymentWay(world.deps, { ...stranger, surface: 'web', provider: 'transfer' }, now()),
      claimOnboardingPayment(world.deps, { ...stranger, ...evidence }, now()),
      stepBack(world.deps, stranger, now()),
      cancelOnboarding(world.deps, stranger, now()),
    ]
    expect(await Promise.all(tries.map(codeOf))).toEqual(tries.map(() => 'not_found'))
    expect(await world.row(person.id)).toMatchObject({ state: 'payment_pending' })
  })

  it('asks for evidence, and refuses a claim for an order that has expired', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    await world.order(person)
    expect(await codeOf(claimOnboardingPayment(world.deps, world.mine(person), now()))).toBe('payment_evidence_missing')
    await world.clock.advance(72 * HOUR_MS)
    expect(await codeOf(world.claim(person))).toBe('payment_closed')
    expect(await world.row(person.id)).toMatchObject({ attempts: { claims: 0 } })
  })
})

describe('cancelOnboarding', () => {
  it('removes a tenant whole that has neither an order nor an account', async () => {
    const person = await world.arrive()
    const { tenantId } = await world.choose(person, 'starter')
    expect(await cancelOnboarding(world.deps, world.mine(person), now())).toMatchObject({
      state: 'cancelled',
      tenantId: null,
      commands: [],
    })
    expect(await asOperator(db, 'test', (tx) => findTenant(tx, tenantId ?? 0))).toBeNull()
    expect(await world.row(person.id)).toMatchObject({ name: null, clearedAt: now() })
    const lines = await asOperator(db, 'test', (tx) => listAudit(tx, null, 5))
    expect(lines.map(({ action }) => action)).toContain('tenant.removed')
    expect(await cancelOnboarding(world.deps, world.mine(person), now())).toMatchObject({ state: 'cancelled' })
  })

  it('keeps a tenant whose reference was shown, suspended, with its order closed', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    const { view } = await world.order(person)
    await cancelOnboarding(world.deps, world.mine(person), now())
    expect(await tenantOf(person.id)).toMatchObject({ state: 'suspended' })
    const payments = await world.inOwn(person.id, (tx) => tx.selectFrom('payment').select(['id', 'state']).execute())
    expect(payments).toEqual([{ id: view.payment?.id, state: 'expired' }])
  })

  it('disconnects what was linked in a trial and keeps the tenant for the log', async () => {
    const person = await world.arrive()
    await world.choose(person, 'trial')
    const account = await world.linkSilently(person)
    await cancelOnboarding(world.deps, world.mine(person), now())
    const after = await world.inOwn(person.id, (tx) =>
      tx.selectFrom('account').select('state').where('id', '=', account.id).executeTakeFirst(),
    )
    expect(after).toEqual({ state: 'disconnected' })
    expect(await tenantOf(person.id)).toMatchObject({ state: 'suspended' })
  })
})

describe('stepBack', () => {
  it('goes from the claim to the way, to the choice, and no further', async () => {
    const person = await world.arrive()
    await world.choose(person, 'starter')
    await world.order(person)
    await world.claim(person)
    const claimed = await world.paymentOf(person.id)
    const back = () => stepBack(world.deps, world.mine(person), now())
    expect(await back()).toMatchObject({ state: 'package_selected', payment: null })
    expect(
      await asOperator(db, 'test', (tx) =>
        tx.selectFrom('payment').select('state').where('id', '=', claimed.id).executeTakeFirst(),
      ),
    ).toEqual({ state: 'rejected' })
    expect(await back()).toMatchObject({ state: 'choosing' })
    expect(await codeOf(back())).toBe('onboarding_step')
  })
})

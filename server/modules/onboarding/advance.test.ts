import { beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { expirePayments, getSubscription, refundPayment } from '#server/modules/billing/index.ts'
import { findPersona } from '#server/modules/conversations/index.ts'
import { findTenant } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import {
  ATTEMPT_LIMITS,
  advanceOnLinkedAccount,
  advanceOnLostAccount,
  advanceOnPayment,
  cancelOnboarding,
  checkWaitingProfiles,
  completeProfile,
  expireOnboardings,
  getOnboardingHistory,
  listOnboardings,
  openOnboarding,
  recordLinkFailure,
  stepBack,
  viewOnboarding,
} from './index.ts'
import { type OnboardingWorld, codeOf, createOnboardingWorld } from './onboarding-world.suite.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)
let world: OnboardingWorld
beforeEach(() => {
  world = createOnboardingWorld(db)
})

type Person = Awaited<ReturnType<OnboardingWorld['arrive']>>
const now = () => world.clock.now()
const stateOf = async (person: Person) => (await world.row(person.id)).state
const tenantOf = async (person: Person) => {
  const { tenantId } = await world.row(person.id)
  return asOperator(db, 'test', (tx) => findTenant(tx, tenantId ?? 0))
}
const eventsOf = async (person: Person) =>
  (await asOperator(db, 'test', (tx) => getOnboardingHistory(tx, person.id))).measured
const namesOf = async (person: Person) => (await eventsOf(person)).map(({ name }) => name.replace('customer_', ''))

/** A newcomer who has ordered a package. */
const orderer = async (provider: 'transfer' | 'stripe' = 'transfer'): Promise<Person> => {
  const person = await world.arrive()
  await world.choose(person, 'starter')
  await world.order(person, provider)
  return person
}
const claimer = async () => {
  const person = await orderer()
  await world.claim(person)
  return person
}
const trier = async () => {
  const person = await world.arrive()
  await world.choose(person, 'trial')
  return person
}
const payer = async () => {
  const person = await claimer()
  await world.approve(person)
  return person
}

describe('the two ways from stranger to running account', () => {
  it('takes a trial with one bot in less than two minutes, without anybody’s help', async () => {
    const person = await world.arrive()
    await world.clock.advance(20_000)
    await world.choose(person, 'trial')
    await world.clock.advance(60_000)
    const account = await world.link(person)
    expect(await world.row(person.id)).toMatchObject({ state: 'active', accountId: account.id, linkWay: 'token' })
    expect(now() - person.startedAt).toBeLessThan(2 * MINUTE_MS)
    expect(await world.inOwn(person.id, (tx) => findPersona(tx, account.id))).toMatchObject({ accountId: account.id })
    expect(await namesOf(person)).toEqual([
      'onboarding_started',
      'package_selected',
      'onboarding_completed',
      'bot_activated',
    ])
  })

  it('takes a transfer from claim over approval to an active account, with nothing active before', async () => {
    const person = await claimer()
    expect(await codeOf(world.linkSilently(person))).toBe('subscription_over')
    await world.approve(person)
    expect(await tenantOf(person)).toMatchObject({ state: 'active' })
    expect(await world.inOwn(person.id, getSubscription)).toMatchObject({ state: 'active', package: 'starter' })
    expect(await stateOf(person)).toBe('account_connecting')
    await world.link(person)
    expect(await stateOf(person)).toBe('active')
    expect(await namesOf(person)).toEqual([
      'onboarding_started',
      'package_selected',
      'payment_claimed',
      'onboarding_completed',
      'bot_activated',
    ])
  })

  it('records the claim of a provider’s payment when its callback proves it', async () => {
    const person = await orderer('stripe')
    await world.clock.advance(MINUTE_MS)
    await world.prove((await world.paymentOf(person.id)).id)
    expect(await stateOf(person)).toBe('account_connecting')
    expect((await eventsOf(person)).at(-1)).toEqual({ name: 'customer_payment_claimed', at: now() })
  })

  it('logs the five names in their order, with nothing personal', async () => {
    const person = await payer()
    await world.link(person)
    const names = world.lines.map(({ message }) => message).filter((message) => message.startsWith('customer_'))
    expect(names).toEqual([
      'customer_onboarding_started',
      'customer_package_selected',
      'customer_payment_claimed',
      'customer_onboarding_completed',
      'customer_bot_activated',
    ])
    const text = JSON.stringify(world.lines)
    for (const secret of ['Zeynep', String(person.telegramId), 'Ziraat']) expect(text).not.toContain(secret)
  })

  it('goes on after a restart in every state', async () => {
    const person = await world.arrive()
    const restart = async () => {
      const { clock } = world
      world = createOnboardingWorld(db)
      await world.clock.advance(clock.now() - world.clock.now())
      const found = await openOnboarding(world.deps, { ...person, name: 'Z', surface: 'web' }, now())
      expect(found.id).toBe(person.id)
      return found.state
    }
    expect(await restart()).toBe('choosing')
    await world.choose(person, 'starter')
    expect(await restart()).toBe('package_selected')
    await world.order(person)
    expect(await restart()).toBe('payment_pending')
    await world.claim(person)
    expect(await restart()).toBe('payment_claimed')
    await world.approve(person)
    expect(await restart()).toBe('account_connecting')
    world.setCheck({ ok: false, findings: ['webhook'] })
    await world.link(person)
    expect(await restart()).toBe('profile_created')
    expect(await checkWaitingProfiles(world.deps, now())).toBeGreaterThan(0)
    expect(await stateOf(person)).toBe('active')
  })

  it('tells others of each step by an event of the tenant', async () => {
    const person = await trier()
    await world.link(person)
    const { tenantId } = await world.row(person.id)
    const told = await db
      .selectFrom('domain_event')
      .select('payload')
      .where('tenant_id', '=', tenantId ?? 0)
      .where('type', '=', 'onboarding.changed')
      .orderBy('id')
      .execute()
    expect(told.map(({ payload }) => (payload as { readonly state: string }).state)).toEqual([
      'account_connecting',
      'profile_created',
      'active',
    ])
  })
})

describe('advanceOnPayment', () => {
  it('changes nothing when the same news come again, or by two at once', async () => {
    const person = await claimer()
    const { id, tenantId } = await world.paymentOf(person.id)
    await world.approve(person)
    const before = await world.row(person.id)
    const news = { tenantId, paymentId: id, state: 'approved' } as const
    await Promise.all([1, 2, 3].map(() => advanceOnPayment(world.deps, news, now())))
    expect(await world.row(person.id)).toEqual(before)
  })

  it('asks for the money again under a new reference when a claim is turned down, and says why', async () => {
    const person = await claimer()
    const first = await world.paymentOf(person.id)
    await world.reject(person)
    const view = await viewOnboarding(world.deps, world.onWeb(person))
    expect(view).toMatchObject({ state: 'payment_pending', refusal: 'Hesapta görünmüyor' })
    expect(view.payment?.reference).not.toBe(first.reference)
    expect(view.attemptsLeft.claims).toBe(ATTEMPT_LIMITS.claims - 1)
  })

  it('has failed when the third claim is turned down, and keeps the references', async () => {
    const person = await claimer()
    for (let i = 1; i < ATTEMPT_LIMITS.claims; i += 1) {
      await world.reject(person)
      await world.claim(person)
    }
    await world.reject(person)
    expect(await world.row(person.id)).toMatchObject({ state: 'failed', endReason: 'claims_used_up' })
    expect(await tenantOf(person)).toMatchObject({ state: 'suspended' })
  })

  it('leaves the choice of a way when the order expires', async () => {
    const person = await orderer()
    const { id } = await world.paymentOf(person.id)
    await world.clock.advance(72 * HOUR_MS)
    await expirePayments(db, now())
    await world.hearOf(id)
    expect(await world.row(person.id)).toMatchObject({ state: 'package_selected', paymentId: null })
    expect((await world.order(person)).view.state).toBe('payment_pending')
  })

  it('takes up again what had ended when the money comes late', async () => {
    const person = await orderer('stripe')
    const { id } = await world.paymentOf(person.id)
    await cancelOnboarding(world.deps, world.mine(person), now())
    await world.prove(id)
    expect(await world.row(person.id)).toMatchObject({ state: 'account_connecting', isPaid: true, endedAt: null })
    expect(await tenantOf(person)).toMatchObject({ state: 'active' })
    await world.link(person)
    expect(await stateOf(person)).toBe('active')
  })

  it('lets the paid tenant work when the person has begun another onboarding meanwhile', async () => {
    const person = await orderer('stripe')
    const { id } = await world.paymentOf(person.id)
    await cancelOnboarding(world.deps, world.mine(person), now())
    await openOnboarding(world.deps, { ...person, name: 'Z', surface: 'bot' }, now())
    await world.prove(id)
    expect(await stateOf(person)).toBe('cancelled')
    expect(await tenantOf(person)).toMatchObject({ state: 'active' })
  })

  it('ends what was paid and given back before the account works, and leaves an active one alone', async () => {
    const early = await orderer('stripe')
    const { id } = await world.paymentOf(early.id)
    await world.prove(id)
    await world.prove(id, 'refunded')
    expect(await world.row(early.id)).toMatchObject({ state: 'cancelled', endReason: 'refunded', isPaid: false })
    expect(await tenantOf(early)).toMatchObject({ state: 'suspended' })

    const late = await payer()
    await world.link(late)
    const payment = await world.paymentOf(late.id)
    const refund = { paymentId: payment.id, by: 'operator:1', at: now(), isSentByHand: true }
    await refundPayment(world.deps.checkout, payment.tenantId, refund)
    await world.hearOf(payment.id)
    expect(await stateOf(late)).toBe('active')
  })

  it('finds the account that was there before the money', async () => {
    const person = await trier()
    const account = await world.linkSilently(person)
    await stepBack(world.deps, world.mine(person), now())
    await world.choose(person, 'starter')
    await world.order(person)
    await advanceOnLinkedAccount(world.deps, { tenantId: account.tenantId, accountId: account.id }, now())
    expect(await stateOf(person)).toBe('payment_pending')
    await world.claim(person)
    await world.approve(person)
    expect(await world.row(person.id)).toMatchObject({ state: 'profile_created', accountId: account.id })
  })
})

describe('advanceOnLinkedAccount', () => {
  it('leaves tenants alone that came in another way, and a repetition too', async () => {
    const person = await trier()
    const account = await world.link(person)
    const before = await world.row(person.id)
    await world.hearOfAccount(account)
    expect(await world.row(person.id)).toEqual(before)
    expect(await advanceOnLinkedAccount(world.deps, { tenantId: 987_654, accountId: 1 }, now())).toBeNull()
  })

  it('is told of another tenant’s account and takes nothing from it', async () => {
    const person = await trier()
    const other = await trier()
    const account = await world.linkSilently(other)
    const { tenantId } = await world.row(person.id)
    await advanceOnLinkedAccount(world.deps, { tenantId: tenantId ?? 0, accountId: account.id }, now())
    expect(await stateOf(person)).toBe('account_connecting')
  })
})

describe('completeProfile', () => {
  it('takes settings over, and becomes active when the check passes', async () => {
    const person = await trier()
    world.setCheck({ ok: false, findings: ['webhook'] })
    await world.link(person)
    const first = await completeProfile(world.deps, world.mine(person), now())
    expect(first).toMatchObject({ view: { state: 'profile_created' }, check: { findings: ['webhook'] } })
    expect(first.view.attemptsLeft.links).toBe(ATTEMPT_LIMITS.links - 1)
    world.setCheck({ ok: true, findings: [] })
    const step = { ...world.mine(person), settings: { productPriceMinor: 19_900 } }
    const twice = await Promise.all([
      completeProfile(world.deps, step, now()),
      completeProfile(world.deps, step, now()),
    ])
    expect(twice.map(({ view }) => view.state)).toEqual(['active', 'active'])
    const settings = await db
      .selectFrom('account_setting')
      .select('product_price_minor')
      .where('account_id', '=', first.view.accountId ?? 0)
      .orderBy('version', 'desc')
      .executeTakeFirst()
    expect(settings).toEqual({ product_price_minor: 19_900 })
    expect(await completeProfile(world.deps, step, now())).toMatchObject({ view: { state: 'active' }, check: null })
  })

  it('keeps strangers out, and says at which step it may be asked', async () => {
    const person = await trier()
    const stranger = { ...world.mine(person), telegramId: 9 }
    expect(await codeOf(completeProfile(world.deps, stranger, now()))).toBe('not_found')
    expect(await codeOf(recordLinkFailure(world.deps, stranger, now()))).toBe('not_found')
    expect(await codeOf(completeProfile(world.deps, world.mine(person), now()))).toBe('onboarding_step')
  })

  it('waits for another account when the first is gone', async () => {
    const person = await trier()
    world.setCheck({ ok: false, findings: [] })
    const account = await world.link(person)
    await stepBack(world.deps, world.mine(person), now())
    expect(await world.row(person.id)).toMatchObject({ state: 'account_connecting', accountId: null })
    expect(await world.inOwn(person.id, listAccounts)).toMatchObject([{ id: account.id, state: 'disconnected' }])
    world.setCheck({ ok: true, findings: [] })
    await advanceOnLostAccount(world.deps, { tenantId: account.tenantId, accountId: account.id }, now())
    await world.link(person)
    expect(await stateOf(person)).toBe('active')
  })
})

describe('recordLinkFailure', () => {
  const fail = async (person: Person, times: number) => {
    for (let i = 0; i < times; i += 1) await recordLinkFailure(world.deps, world.mine(person), now())
  }

  it('takes a trial back whole at the tenth failure', async () => {
    const person = await trier()
    await fail(person, ATTEMPT_LIMITS.links - 1)
    expect(await stateOf(person)).toBe('account_connecting')
    await fail(person, 1)
    expect(await world.row(person.id)).toMatchObject({ state: 'failed', endReason: 'links_used_up', tenantId: null })
  })

  it('takes nothing from who has paid, and goes on when an account is linked after all', async () => {
    const person = await payer()
    await fail(person, ATTEMPT_LIMITS.links)
    expect(await stateOf(person)).toBe('failed')
    expect(await tenantOf(person)).toMatchObject({ state: 'active' })
    await world.link(person)
    expect(await stateOf(person)).toBe('active')
  })
})

describe('expireOnboardings', () => {
  it('ends what nobody went on with, and removes its tenant; a jump of the clock changes nothing about it', async () => {
    const person = await world.arrive()
    const { tenantId } = await world.choose(person, 'starter')
    await world.clock.advance(400 * DAY_MS)
    expect(await codeOf(world.order(person))).toBe('onboarding_late')
    const { ended } = await expireOnboardings(world.deps, now())
    expect(ended).toContainEqual({
      id: person.id,
      telegramId: person.telegramId,
      locale: 'tr',
      endReason: 'package_selected_late',
    })
    expect(await asOperator(db, 'test', (tx) => findTenant(tx, tenantId ?? 0))).toBeNull()
    expect((await expireOnboardings(world.deps, now())).ended).toEqual([])
  })

  it('closes an overdue order first, and ends a day later', async () => {
    const person = await orderer()
    await world.clock.advance(400 * DAY_MS)
    expect((await expireOnboardings(world.deps, now())).lapsed).toBeGreaterThan(0)
    expect(await world.row(person.id)).toMatchObject({ state: 'package_selected', expiresAt: now() + DAY_MS })
    const open = await world.inOwn(person.id, (tx) =>
      tx.selectFrom('payment').select('state').where('state', '<>', 'expired').execute(),
    )
    expect(open).toEqual([])
    await world.clock.advance(DAY_MS)
    await expireOnboardings(world.deps, now())
    expect(await stateOf(person)).toBe('expired')
  })

  it('never ends a claim that waits for us, and takes nothing from who has paid', async () => {
    const waiting = await claimer()
    const paid = await payer()
    await world.clock.advance(60 * DAY_MS)
    await expireOnboardings(world.deps, now())
    expect(await stateOf(waiting)).toBe('payment_claimed')
    expect(await world.row(paid.id)).toMatchObject({ state: 'expired', isPaid: true })
    expect(await tenantOf(paid)).toMatchObject({ state: 'active' })
  })

  it('finishes what was cut off while it was taken back', async () => {
    const person = await trier()
    const account = await world.linkSilently(person)
    const feed = { ...world.deps.accounts.feed, deleteWebhook: () => Promise.reject(new Error('killed')) }
    await db.updateTable('account').set({ update_mode: 'webhook' }).where('id', '=', account.id).execute()
    const cut = { ...world.deps, accounts: { ...world.deps.accounts, feed } }
    await expect(cancelOnboarding(cut, world.mine(person), now())).rejects.toThrow('killed')
    expect(await world.row(person.id)).toMatchObject({ state: 'cancelled', clearedAt: null })
    await expireOnboardings(world.deps, now())
    expect((await world.row(person.id)).clearedAt).toBe(now())
    expect(await world.inOwn(person.id, listAccounts)).toMatchObject([{ state: 'disconnected' }])
  })

  it('lists what there is, the newest first', async () => {
    const person = await trier()
    const rows = await asOperator(db, 'test', (tx) => listOnboardings(tx, { state: 'account_connecting' }, 1))
    expect(rows.map(({ id }) => id)).toEqual([person.id])
  })
})

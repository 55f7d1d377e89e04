import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { PaymentProviderName } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { openLogs } from '#server/base/logger.ts'
import { seededRandom } from '#server/base/random.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { PaymentProvider, RawCallback } from '#server/gateways/payments/payment-provider.ts'
import {
  createPayment,
  expirePayments,
  getPayment,
  listLedgerBalances,
  reconcilePayments,
  refundPayment,
  startCheckout,
} from '#server/modules/billing/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { deliverBadly } from '#server/testing/payments/deliver-badly.ts'
import { openFakePapara } from '#server/testing/payments/fake-papara.ts'
import { openFakePaytr } from '#server/testing/payments/fake-paytr.ts'
import { openFakeStripe } from '#server/testing/payments/fake-stripe.ts'
import type { PaymentWorld } from '#server/testing/payments/payment-world.ts'
import { orderFor } from '#server/testing/suites/payment-provider.suite.ts'

import { paymentCallbackRoutes } from './payment-callbacks.ts'
import { problemOf } from './problem.ts'

const database = await createTestDatabase()
const db = createDb(database.pool)
const OPENERS = { stripe: openFakeStripe, paytr: openFakePaytr, papara: openFakePapara } as const
type Card = keyof typeof OPENERS
const CARDS = ['stripe', 'paytr', 'papara'] as const

const worlds = new Map<Card, PaymentWorld>()
const providers = new Map<PaymentProviderName, PaymentProvider>()
const activated: string[] = []
const deps = {
  db,
  providers,
  sellerAccountId: null,
  activate: async (_tx: unknown, { reference }: { readonly reference: string }) => void activated.push(reference),
}
let app: FastifyInstance
let tenant: number

beforeAll(async () => {
  for (const name of CARDS) {
    const world = await OPENERS[name]()
    worlds.set(name, world)
    providers.set(name, world.provider)
  }
  const logs = await openLogs({ dir: null, level: 'error', console: 'none' })
  app = fastify()
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error, (key) => key)
    return reply.code(problem.status).send(problem)
  })
  await app.register(paymentCallbackRoutes({ ...deps, clock: new ManualClock(NOON), log: logs.of('app') }))
})
afterAll(async () => {
  await app.close()
  for (const world of worlds.values()) await world.close()
})
beforeEach(async () => {
  tenant = await createTenant(db)
  activated.length = 0
})

const worldOf = (name: Card): PaymentWorld => {
  const world = worlds.get(name)
  if (!world) throw new Error(`no ${name}`)
  return world
}

const post = (name: string, { body, headers }: RawCallback) =>
  app.inject({ method: 'POST', url: `/payments/${name}/callback`, payload: Buffer.from(body), headers: { ...headers } })

/** An order that was checked out. */
const open = async (provider: Card) => {
  const payment = await inTenant(db, tenant, (tx) =>
    createPayment(
      tx,
      { provider, package: 'starter', periodDays: 30, amountMinor: 50_000, currency: 'TRY' },
      { by: 'telegram:5', at: NOON },
    ),
  )
  const { description, locale, returnUrl, payer } = orderFor(worldOf(provider).provider)
  await startCheckout(deps, tenant, {
    paymentId: payment.id,
    by: 'telegram:5',
    at: NOON,
    description,
    locale,
    returnUrl,
    payer,
  })
  return payment
}
const find = (id: number) => inTenant(db, tenant, (tx) => getPayment(tx, { id }))
const sum = async () =>
  (await inTenant(db, tenant, listLedgerBalances)).reduce((total, { amountMinor }) => total + amountMinor, 0)

describe('paymentCallbackRoutes', () => {
  it.each(CARDS)('applies a callback of %s once and answers its word every time', async (name) => {
    const { id, reference } = await open(name)
    await worldOf(name).pay(reference)
    const callback = worldOf(name).callbacks.at(-1)
    if (!callback) throw new Error('nothing was told')
    for (let i = 0; i < 3; i += 1) {
      const response = await post(name, callback)
      expect([response.statusCode, response.body]).toEqual([200, 'OK'])
      expect(response.headers['content-type']).toMatch(/^text\/plain/)
    }
    expect(activated).toEqual([reference])
    expect(await find(id)).toMatchObject({ state: 'paid', received: { amountMinor: 50_000, currency: 'TRY' } })
  })

  it.each(CARDS)('does not believe a forged callback of %s', async (name) => {
    const { id, reference } = await open(name)
    await worldOf(name).pay(reference)
    const [genuine] = worldOf(name).callbacks.slice(-1)
    if (!genuine) throw new Error('nothing was told')
    expect((await post(name, worldOf(name).forge(genuine))).statusCode).toBe(401)
    expect(activated).toEqual([])
    expect(await find(id)).toMatchObject({ state: 'pending', received: null })
  })

  it.each(CARDS)('holds what %s received when it is not what was asked', async (name) => {
    const { id, reference } = await open(name)
    await worldOf(name).pay(reference, 49_999)
    const [callback] = worldOf(name).callbacks.slice(-1)
    if (!callback) throw new Error('nothing was told')
    expect((await post(name, callback)).body).toBe('OK')
    expect(await find(id)).toMatchObject({ state: 'pending', reviewReason: 'amount_mismatch', activatedAt: null })
    expect(activated).toEqual([])
  })

  it('asks for a repetition when a callback cannot be confirmed now', async () => {
    const { reference } = await open('papara')
    const world = worldOf('papara')
    await world.pay(reference)
    const [callback] = world.callbacks.slice(-1)
    if (!callback) throw new Error('nothing was told')
    await world.setDown(true)
    expect((await post('papara', callback)).statusCode).toBe(503)
    await world.setDown(false)
    expect((await post('papara', callback)).body).toBe('OK')
    expect(activated).toEqual([reference])
  })

  it.each(['stars', 'transfer', 'nobody', '%00'])('has no address for %s', async (name) => {
    expect((await post(name, { body: Buffer.from('{}'), headers: {} })).statusCode).toBe(404)
  })

  it('activates each payment exactly once though callbacks are lost, repeated and out of order', async () => {
    // What earlier tests left unpaid is not of this story.
    await reconcilePayments(deps, NOON)
    activated.length = 0
    const random = seededRandom(7)
    const orders: { readonly name: Card; readonly id: number; readonly reference: string }[] = []
    const marks = new Map(CARDS.map((name) => [name, worldOf(name).callbacks.length]))
    for (let i = 0; i < 15; i += 1) {
      const name = CARDS[i % 3] ?? 'stripe'
      const { id, reference } = await open(name)
      orders.push({ name, id, reference })
      await worldOf(name).pay(reference)
    }
    const told = CARDS.flatMap((name) =>
      worldOf(name)
        .callbacks.slice(marks.get(name))
        .map((callback) => ({ name, callback })),
    )
    const arriving = deliverBadly(
      told.map(({ callback }) => callback),
      random,
    )
    const nameOf = (callback: RawCallback) => told.find((one) => one.callback === callback)?.name ?? ''
    await Promise.all(arriving.map((callback) => post(nameOf(callback), callback)))
    const lost = orders.filter(({ reference }) => !activated.includes(reference))
    expect(lost.length).toBeGreaterThan(0)
    await worldOf('paytr').setDown(true)
    expect((await reconcilePayments(deps, NOON)).unanswered).toBe(lost.filter(({ name }) => name === 'paytr').length)
    await worldOf('paytr').setDown(false)
    await reconcilePayments(deps, NOON)
    await Promise.all(arriving.map((callback) => post(nameOf(callback), callback)))
    expect(activated.toSorted((a, b) => a.localeCompare(b))).toEqual(
      orders.map(({ reference }) => reference).toSorted((a, b) => a.localeCompare(b)),
    )
    expect(await sum()).toBe(0)
    expect(await reconcilePayments(deps, NOON)).toMatchObject({ found: 0 })
  })
})

describe('refundPayment', () => {
  it.each(['stripe', 'paytr'] as const)('sends back what %s received, and says it once', async (name) => {
    const { id, reference } = await open(name)
    await worldOf(name).pay(reference)
    await reconcilePayments(deps, NOON)
    const order = { paymentId: id, by: 'operator', at: NOON, isSentByHand: false }
    await refundPayment(deps, tenant, order)
    expect(await refundPayment(deps, tenant, order)).toMatchObject({ state: 'refunded' })
    const balances = await inTenant(db, tenant, listLedgerBalances)
    expect(balances.map(({ amountMinor }) => amountMinor)).toEqual([0, 0, 0])
  })

  it('books what a person sent back by hand, and only then', async () => {
    const { id, reference } = await open('papara')
    await worldOf('papara').pay(reference)
    await reconcilePayments(deps, NOON)
    const order = { paymentId: id, by: 'operator', at: NOON }
    await expect(refundPayment(deps, tenant, { ...order, isSentByHand: false })).rejects.toMatchObject({
      code: 'payment_refund_by_hand',
    })
    expect(await refundPayment(deps, tenant, { ...order, isSentByHand: true })).toMatchObject({ state: 'refunded' })
  })

  it('sends nothing back that never came', async () => {
    const { id } = await open('stripe')
    const order = { paymentId: id, by: 'operator', at: NOON, isSentByHand: true }
    await expect(refundPayment(deps, tenant, order)).rejects.toMatchObject({ code: 'payment_not_received' })
  })
})

describe('startCheckout', () => {
  it('opens nothing for an order that is over or whose provider is off', async () => {
    const { id } = await open('stripe')
    const { description, locale, returnUrl, payer } = orderFor(worldOf('stripe').provider)
    const request = { paymentId: id, by: 'telegram:5', description, locale, returnUrl, payer }
    await expect(
      startCheckout({ ...deps, providers: new Map() }, tenant, { ...request, at: NOON }),
    ).rejects.toMatchObject({
      code: 'payment_provider_off',
    })
    await expirePayments(db, NOON + 72 * HOUR_MS)
    await expect(startCheckout(deps, tenant, { ...request, at: NOON + 73 * HOUR_MS })).rejects.toMatchObject({
      code: 'payment_closed',
    })
  })
})

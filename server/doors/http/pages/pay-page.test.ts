import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { App } from '#server/app.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { activatePaidPackage, approvePayment, getSubscription, listPayments } from '#server/modules/billing/index.ts'
import { choosePackage, joinTenant, openOnboarding, viewOnboarding } from '#server/modules/onboarding/index.ts'
import { addOwner, createPageLink, inviteMember } from '#server/modules/tenancy/index.ts'
import type { OpenDatabase } from '#server/open-database.ts'
import { createTestApp } from '#server/testing/app.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'
import { createMovableClock } from '#server/testing/login-stage.ts'
import { type PageVisitor, createPageVisitor } from '#server/testing/page-visitor.ts'

const IBAN = 'TR330006100519786457841326'

let database: OpenDatabase
let app: App
const clock = createMovableClock()
let people = 71_000

beforeAll(async () => {
  const { pool, connectionString } = await createTestDatabase()
  database = { pool, db: createDb(pool), connectionString, close: async () => {} }
})

beforeEach(async () => {
  const transfer = { iban: IBAN, holder: 'Gavatcore Ltd', papara: null }
  const payments = { transfer, stripe: null, paytr: null, papara: null, starsAccountId: null }
  app = await createTestApp({ database, clock, settings: { role: 'api', payments } })
  await app.start()
})

const enter = async (subject: { telegramId: number; tenantId: number | null; onboardingId?: number }) => {
  const link = { purpose: 'pay', locale: 'tr', ...subject } as const
  const { path } = await createPageLink(app.database.db, link, clock.now())
  const visitor = createPageVisitor(app.address())
  await visitor.open(path)
  await visitor.submit(path)
  return visitor
}

const newcomer = async () => {
  const telegramId = (people += 1)
  const person = { telegramId, name: 'Zeynep', locale: 'tr', surface: 'bot' } as const
  const { id } = await openOnboarding(app.onboarding, person, clock.now())
  const choice = { onboardingId: id, telegramId, surface: 'bot', package: 'starter', extraBots: 0 } as const
  const { tenantId } = await choosePackage(app.onboarding, choice, clock.now())
  const view = () => viewOnboarding(app.onboarding, { onboardingId: id, telegramId })
  return { telegramId, tenantId: tenantId ?? 0, onboardingId: id, view }
}

const shop = async () => {
  const tenantId = await createTenant(app.database.db)
  const telegramId = (people += 1)
  const actor = { by: 'test', at: clock.now() }
  await inTenant(app.database.db, tenantId, (tx) => addOwner(tx, { telegramId, name: 'Sahip' }, actor))
  return { tenantId, telegramId }
}

const paymentsOf = (tenantId: number) => inTenant(app.database.db, tenantId, (tx) => listPayments(tx))

/** The form of this way; the page has one for each. */
const choose = (visitor: PageVisitor, name: string) => visitor.submit('/order', { provider: 'transfer', package: name })

describe('payPages, for a newcomer', () => {
  it('shows where to transfer to, takes the claim once, and begins nothing before an operator looks', async () => {
    const person = await newcomer()
    const visitor = await enter(person)
    expect(visitor.seen()).toMatchObject({ status: 200, url: '/pay' })
    expect(visitor.seen().text).toContain('Başlangıç paketi, 30 gün: ₺500,00')
    await choose(visitor, 'starter')
    const [payment] = await paymentsOf(person.tenantId)
    expect(visitor.seen().text).toContain('TR33 0006 1005 1978 6457 8413 26')
    expect(visitor.seen().text).toContain(payment?.reference)
    await visitor.submit('/claim', { evidence: '' })
    expect(visitor.seen().status).toBe(400)
    expect(visitor.seen().text).toMatch(/id="evidence-fault" role="alert"/)
    await visitor.submit('/claim', { evidence: 'Ziraat 12:04' })
    expect(visitor.seen().text).toContain('Bildirimin bize ulaştı')
    expect((await person.view()).state).toBe('payment_claimed')
    expect((await inTenant(app.database.db, person.tenantId, getSubscription)).state).not.toBe('active')
    const order = { paymentId: payment?.id ?? 0, by: 'operator:1', at: clock.now(), activate: activatePaidPackage }
    await inTenant(app.database.db, person.tenantId, (tx) => approvePayment(tx, order))
    await expect.poll(async () => (await person.view()).state, { timeout: 15_000 }).toMatch(/payment|account/)
  })

  it('orders once, however often it is pressed', async () => {
    const person = await newcomer()
    const [one, two] = [await enter(person), await enter(person)]
    await Promise.all([choose(one, 'starter'), choose(two, 'starter')])
    expect((await paymentsOf(person.tenantId)).filter(({ state }) => state === 'created')).toHaveLength(1)
  })

  it('offers a new order when the last one has run out', async () => {
    const person = await newcomer()
    await choose(await enter(person), 'starter')
    clock.move(4 * DAY_MS)
    const later = await enter(person)
    expect(later.seen().text).toContain('action="/pay/order"')
    expect(later.seen().text).not.toContain('action="/pay/claim"')
  })
})

describe('payPages, for a member who renews', () => {
  it('sells any package, and takes the claim of who may pay', async () => {
    const owner = await shop()
    const visitor = await enter(owner)
    for (const name of ['Başlangıç', 'Profesyonel', 'Kurumsal']) expect(visitor.seen().text).toContain(name)
    await choose(visitor, 'starter')
    await choose(visitor, 'professional')
    await visitor.submit('/claim', { evidence: 'Papara 18:30' })
    expect(await paymentsOf(owner.tenantId)).toMatchObject([
      { state: 'claimed', package: 'professional', asked: { amountMinor: 100_000, currency: 'TRY' } },
      { state: 'created', package: 'starter' },
    ])
    expect(visitor.seen().text).toContain('Bildirimin bize ulaştı')
  })

  it('keeps out a stranger, a role that may not pay, and a form that is not ours', async () => {
    const owner = await shop()
    const stranger = createPageVisitor(app.address())
    expect((await stranger.open('/pay')).status).toBe(401)
    const agent = (people += 1)
    const { token } = await inTenant(app.database.db, owner.tenantId, (tx) =>
      inviteMember(tx, { role: 'agent' }, { by: 'test', at: clock.now(), access: { kind: 'member', role: 'owner' } }),
    )
    await joinTenant(app.database.db, { token, telegramId: agent, name: 'Ali' }, clock.now())
    const visitor = await enter({ tenantId: owner.tenantId, telegramId: agent })
    expect(visitor.seen().status).toBe(403)
    const own = await enter(owner)
    const forged = await own.post('/pay/order', { provider: 'transfer', package: 'starter', csrf: 'x' })
    expect(forged.status).toBe(403)
    expect(await paymentsOf(owner.tenantId)).toEqual([])
  })

  it('refuses words it does not know, and says so on the page', async () => {
    const owner = await shop()
    const visitor = await enter(owner)
    await visitor.submit('/order', { provider: 'stars', package: 'starter' })
    expect(visitor.seen().status).toBe(400)
    await choose(await enter(owner), 'gold')
    expect(await paymentsOf(owner.tenantId)).toEqual([])
  })

  it('comes back from a provider without the cookie that other sites do not send', async () => {
    const page = await createPageVisitor(app.address()).open('/pay/return')
    expect(page).toMatchObject({ status: 200 })
    expect(page.text).toContain('href="/pay"')
    clock.move(MINUTE_MS)
  })
})

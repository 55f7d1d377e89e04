import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { eraseContact, exportContact, mergeContacts } from '#server/modules/contacts/index.ts'
import { assignSegments, findSegments, seedSegmentRules } from '#server/modules/segments/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createBusinessAccount, createDelivery } from '#server/testing/factories.ts'

import { cancelOrder, cancelOwnOrder, fulfilOrder, markOrderPaid } from './decide-orders.ts'
import { findForSale } from './find-for-sale.ts'
import { getOrder, listOrders, showOrder } from './list-orders.ts'
import { openOrder } from './open-order.ts'
import { type StarNews, recordStarPayment } from './record-star-payment.ts'
import { reportFunnel } from './report-funnel.ts'
import { refundOrder, returnStrayCharges } from './return-stars.ts'
import { listRuns } from './run.store.ts'
import { type SalesWorld, createSalesWorld, owner, translator } from './sales-world.suite.ts'
import { setProduct } from './set-product.ts'
import { concludeHandingOver, expireOrders } from './tend-orders.ts'

let db: Db
let world: SalesWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createSalesWorld(db)
  await world.sells(true, { minorPerStar: 100 })
})

const decided = (orderId: number) => ({ orderId, translator })
const paid = (orderId: number, actor = owner) => world.within((tx) => markOrderPaid(tx, decided(orderId), actor))
const physical = () =>
  world.describe('Kitap', { kind: 'physical', paymentLink: 'https://odeme.example/kitap', fulfilment: 'hand' })
const features = (contactId = world.contactId) =>
  db
    .selectFrom('contact_feature')
    .select(['order_count', 'revenue_minor', 'last_paid_at'])
    .where('contact_id', '=', contactId)
    .executeTakeFirstOrThrow()
const telegramId = async (contactId = world.contactId) =>
  (await db.selectFrom('contact').select('telegram_id').where('id', '=', contactId).executeTakeFirstOrThrow())
    .telegram_id ?? 0
const charge = async (reference: string, chargeId: string, change: Partial<StarNews> = {}) =>
  recordStarPayment(
    { db, translator },
    {
      kind: 'paid',
      reference,
      accountId: world.accountId,
      stars: 200,
      currency: 'XTR',
      payerTelegramId: await telegramId(),
      chargeId,
      ...change,
    },
    NOON,
  )

describe('openOrder', () => {
  it('shows an invoice for digital goods of a bot, with terms, cancel and a person beside it', async () => {
    const order = await world.ordered('Kitap')
    expect(order).toMatchObject({ way: 'stars', askedMinor: 200, priceMinor: 20_000, state: 'payment_pending' })
    const [asked, invoice] = await world.said()
    expect(asked?.text).toContain('/terms')
    expect(asked?.text).toContain('/paysupport')
    expect(asked?.labels).toEqual(['Siparişi iptal et', 'Bize yazın'])
    expect(invoice).toMatchObject({ invoice: { payload: order.reference, stars: 200, title: 'Kitap' } })
  })

  it('shows the tenant’s link for physical goods, and a transfer where there is none', async () => {
    await physical()
    await world.ordered('Kitap')
    expect((await world.said())[0]?.buttons[0]).toEqual([{ text: 'Ödeme sayfası', url: 'https://odeme.example/kitap' }])
    await world.describe('Kurs', { kind: 'physical', transferText: 'TR00 Atölye <Ltd>' })
    expect(await world.ordered('Kurs')).toMatchObject({ way: 'transfer', askedMinor: 90_000, askedCurrency: 'TRY' })
    expect((await world.said())[1]?.text).toContain('TR00 Atölye &lt;Ltd&gt;')
  })

  it('is one order for one press, and for who presses again while it is open', async () => {
    const [first, second] = await Promise.all([
      world.buys('Kitap', NOON, world.contactId, 'press:same'),
      world.buys('Kitap', NOON, world.contactId, 'press:same'),
    ])
    const third = await world.ordered('Kitap')
    expect([first, second]).toMatchObject([{ order: { id: third.id } }, { order: { id: third.id } }])
    expect(await world.within((tx) => listOrders(tx, {}))).toHaveLength(1)
  })

  it('sells for no price that was not shown, and nothing that has no way to be paid', async () => {
    const { products } = await world.offers()
    const key = products[0]?.key
    await world.catalogue([{ name: 'Kitap', priceMinor: 21_000, currency: 'TRY' }])
    expect((await world.offers()).products[0]?.key).not.toBe(key)
    expect(await world.buys('Uçak')).toEqual({ kind: 'changed' })
    await world.describe('Kitap', { kind: 'physical' })
    expect(await world.buys('Kitap')).toEqual({ kind: 'no_way' })
    expect(await world.within((tx) => listOrders(tx, {}))).toEqual([])
  })

  it('goes by link where the account cannot take Stars', async () => {
    const businessId = await createBusinessAccount(db, world.tenantId)
    await db.updateTable('persona').set({ account_id: businessId }).where('account_id', '=', world.accountId).execute()
    await db.updateTable('product').set({ account_id: businessId }).where('account_id', '=', world.accountId).execute()
    await world.within(async (tx) => {
      const change = { paymentLink: 'https://odeme.example/' }
      await setProduct(tx, { accountId: businessId, name: 'Kitap', change }, owner)
      const [product] = (await findForSale(tx, businessId, NOON)).products
      const press = { key: product?.key ?? '', pressKey: 'press:b', contactId: world.contactId, translator, at: NOON }
      expect(await openOrder(tx, { ...press, accountId: businessId })).toMatchObject({ order: { way: 'link' } })
    })
  })
})

describe('markOrderPaid', () => {
  it('pays, credits contact and delivery, waits for who hands over, and ends in the funnel', async () => {
    await physical()
    const deliveryId = await createDelivery(db, world.tenantId, {
      accountId: world.accountId,
      contactId: world.contactId,
      chatId: await telegramId(),
      sentAt: NOON - DAY_MS,
    })
    await world.says('Kitap almak istiyorum')
    const order = await world.ordered('Kitap')
    expect(await paid(order.id)).toMatchObject({
      state: 'paid',
      paidBy: 'member:1',
      reviewReason: 'by_hand',
      creditedDeliveryId: deliveryId,
    })
    expect(await paid(order.id)).toMatchObject({ state: 'paid' })
    expect(await features()).toMatchObject({ order_count: 1, revenue_minor: 20_000 })
    const done = await world.within((tx) => fulfilOrder(tx, decided(order.id), owner))
    expect(done).toMatchObject({ state: 'fulfilled', reviewReason: null })
    const steps = await world.within((tx) => reportFunnel(tx, 'standard', { from: NOON - 1, until: NOON + 1 }))
    expect(steps.stages.filter(({ entered }) => entered > 0).map(({ stage, wentOn }) => [stage, wentOn])).toEqual([
      ['none', 1],
      ['interested', 1],
      ['offered', 1],
      ['payment_pending', 1],
      ['paid', 1],
      ['delivered', 0],
    ])
    expect(steps.revenue).toEqual([{ currency: 'TRY', orders: 1, paidMinor: 20_000, refundedMinor: 0 }])
    const refunded = await refund(order.id, true)
    expect(refunded.state).toBe('refunded')
    expect(await features()).toMatchObject({ order_count: 0, revenue_minor: 0, last_paid_at: null })
    const { converted_at: convertedAt } = await db
      .selectFrom('delivery')
      .select('converted_at')
      .where('id', '=', deliveryId)
      .executeTakeFirstOrThrow()
    expect(convertedAt).toBeNull()
    expect((await world.within((tx) => listRuns(tx, {}, 1)))[0]).toMatchObject({ stage: 'lost' })
  })

  it('makes a loyal customer of who bought twice, and no more after a refund', async () => {
    await physical()
    await world.within((tx) => seedSegmentRules(tx, world.tenantId, NOON))
    const held = async () => {
      const clock = { now: () => NOON + 1, sleep: () => Promise.resolve() }
      await assignSegments({ db, clock }, world.tenantId, [world.contactId])
      const [assignment] = await world.within((tx) => findSegments(tx, [world.contactId]))
      return assignment?.holdings.map(({ segment }) => segment) ?? []
    }
    const first = await world.ordered('Kitap')
    await paid(first.id)
    expect(await held()).not.toContain('LOYAL_CUSTOMER')
    const second = await world.ordered('Kitap')
    await world.within((tx) => markOrderPaid(tx, decided(second.id), { ...owner, at: NOON + 1 }))
    expect(await held()).toContain('LOYAL_CUSTOMER')
    await refund(second.id, true)
    expect(await held()).not.toContain('LOYAL_CUSTOMER')
  })

  it('believes nobody about Stars', async () => {
    const order = await world.ordered('Kitap')
    await expect(paid(order.id)).rejects.toMatchObject({ code: 'order_paid_by_telegram' })
  })

  it.each([
    ['a stranger', { kind: 'nobody' }, ['paid', 'fulfil', 'cancel', 'refund']],
    ['an analyst', { kind: 'member', role: 'analyst' }, ['paid', 'fulfil', 'cancel', 'refund']],
    ['an agent', { kind: 'member', role: 'agent' }, ['paid', 'cancel', 'refund']],
    ['a key', { kind: 'api_key', scopes: ['sales.decide'] }, ['paid', 'fulfil', 'cancel', 'refund']],
    ['support', { kind: 'operator', role: 'support' }, ['paid', 'fulfil', 'cancel', 'refund']],
  ] as const)('keeps %s out', async (_, access, barred) => {
    await physical()
    const { id } = await world.ordered('Kitap')
    const actor = { by: 'test', access, at: NOON }
    const acts = {
      paid: () => paid(id, actor),
      fulfil: () => world.within((tx) => fulfilOrder(tx, decided(id), actor)),
      cancel: () => world.within((tx) => cancelOrder(tx, decided(id), actor)),
      refund: () => refundOrder(deps, world.tenantId, { orderId: id, isSentByHand: true }, actor),
    }
    for (const act of barred) await expect(acts[act]()).rejects.toMatchObject({ code: 'not_allowed' })
  })

  it('knows no order of another tenant', async () => {
    await physical()
    const { id, reference } = await world.ordered('Kitap')
    const other = await createSalesWorld(db)
    await expect(other.within((tx) => markOrderPaid(tx, decided(id), owner))).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(other.within((tx) => getOrder(tx, { reference }))).rejects.toMatchObject({ kind: 'not_found' })
    await expect(refundOrder(deps, other.tenantId, { orderId: id, isSentByHand: true }, owner)).rejects.toMatchObject({
      kind: 'not_found',
    })
  })

  it('leaves an order to who ordered it', async () => {
    const { reference } = await world.ordered('Kitap')
    const other = await world.addPerson('Ali')
    const cancel = (contactId: number) =>
      world.within((tx) =>
        cancelOwnOrder(tx, { reference, contactId, accountId: world.accountId }, { translator, at: NOON }),
      )
    expect(await cancel(other)).toBe(false)
    expect(await cancel(world.contactId)).toBe(true)
    expect(await cancel(world.contactId)).toBe(false)
  })
})

/** No bot can be asked for Stars here; e2e/sales asks the simulated Telegram. */
const deps = {
  get db() {
    return db
  },
  translator,
  box: secretBox(Buffer.alloc(32, 5)),
  stars: null,
}
const refund = (orderId: number, isSentByHand: boolean) =>
  refundOrder(deps, world.tenantId, { orderId, isSentByHand }, owner)

describe('recordStarPayment', () => {
  it('pays an order once however many tell of it at the same moment, and hands over once', async () => {
    await world.describe('Kitap', { fulfilment: 'text', fulfilmentContent: 'Kod: <AB12>' })
    const order = await world.ordered('Kitap')
    const told = await Promise.all(Array.from({ length: 4 }, () => charge(order.reference, 'c1')))
    expect(told.toSorted()).toEqual(['repeated', 'repeated', 'repeated', 'settled'])
    const handed = (await world.said()).filter(({ text }) => text.includes('Kod: &lt;AB12&gt;'))
    expect(handed).toMatchObject([{ messageClass: 'transactional', source: 'order' }])
    expect(await features()).toMatchObject({ order_count: 1 })
  })

  it('settles one of two charges that race, and wants the other back', async () => {
    const order = await world.ordered('Kitap')
    const told = await Promise.all(['c1', 'c2', 'c3'].map((id) => charge(order.reference, id)))
    expect(told.toSorted()).toEqual(['paid_twice', 'paid_twice', 'settled'])
    const { charges } = await world.within((tx) => showOrder(tx, { id: order.id }))
    expect(charges.filter(({ refundWanted }) => refundWanted)).toHaveLength(2)
  })

  it.each([
    ['another amount', { stars: 1 }, 'amount_mismatch'],
    ['another currency', { currency: 'TRY' }, 'amount_mismatch'],
    ['another account', { accountId: 0 }, 'unknown'],
  ] as const)('does not pay by %s', async (_, change, outcome) => {
    const order = await world.ordered('Kitap')
    expect(await charge(order.reference, 'c1', change)).toBe(outcome)
    const shown = await world.within((tx) => getOrder(tx, { id: order.id }))
    expect(shown.state).toBe('payment_pending')
    expect(await features()).toMatchObject({ order_count: 0 })
  })

  it('keeps what nobody could be asked about for later, and stray charges in front of a member', async () => {
    const order = await world.ordered('Kitap')
    await charge(order.reference, 'c1')
    await charge(order.reference, 'c2')
    expect(await returnStrayCharges(deps, NOON)).toEqual({ returned: 0, refused: 0 })
    expect(await world.within((tx) => getOrder(tx, { id: order.id }))).toMatchObject({ reviewReason: 'by_hand' })
    await expect(refund(order.id, false)).rejects.toMatchObject({ code: 'order_refund_unavailable' })
  })
})

describe('expireOrders', () => {
  it('closes what nobody paid within a day, minutes after nobody may pay any more', async () => {
    const order = await world.ordered('Kitap')
    await expireOrders({ db, translator }, NOON + DAY_MS + 60_000)
    expect(await world.within((tx) => getOrder(tx, { id: order.id }))).toMatchObject({ state: 'payment_pending' })
    await expireOrders({ db, translator }, NOON + DAY_MS + 6 * 60_000)
    expect(await world.within((tx) => getOrder(tx, { id: order.id }))).toMatchObject({ state: 'expired' })
    expect(await charge(order.reference, 'late')).toBe('paid_late')
  })
})

describe('concludeHandingOver', () => {
  it.each([
    ['sent', 'fulfilled', null],
    ['unknown', 'paid', 'delivery_failed'],
    ['failed', 'paid', 'delivery_failed'],
  ] as const)('takes a message that is %s for an order that is %s', async (state, orderState, review) => {
    await world.describe('Kitap', { fulfilment: 'link', fulfilmentContent: 'https://t.me/+abc' })
    const order = await world.ordered('Kitap')
    await charge(order.reference, 'c1')
    const { fulfilmentDeliveryId } = await world.within((tx) => getOrder(tx, { id: order.id }))
    const telegramMessageId = state === 'sent' ? 5 : null
    await db
      .updateTable('delivery')
      .set({
        state,
        reason: state === 'sent' ? null : state === 'failed' ? 'blocked' : 'timeout',
        reserved_at: new Date(NOON),
        finished_at: new Date(NOON),
        telegram_message_id: telegramMessageId,
      })
      .where('id', '=', fulfilmentDeliveryId)
      .execute()
    await concludeHandingOver({ db, translator }, NOON)
    await concludeHandingOver({ db, translator }, NOON)
    const after = await world.within((tx) => getOrder(tx, { id: order.id }))
    expect(after).toMatchObject({ state: orderState, reviewReason: review })
    expect((await world.said()).filter(({ text }) => text.includes('Ödemeniz alındı'))).toHaveLength(1)
  })
})

describe('a person who bought', () => {
  const bought = async () => {
    await world.says('Kitap almak istiyorum')
    const order = await world.ordered('Kitap')
    await charge(order.reference, 'c1')
    return order
  }

  it('is exported whole', async () => {
    const { reference } = await bought()
    const { sections } = await world.within((tx) => exportContact(tx, world.contactId, NOON))
    expect(JSON.stringify(sections)).toContain(reference)
    expect(JSON.stringify(sections)).toContain('"charge_id":"c1"')
    expect(JSON.stringify(sections)).toContain('"to_stage":"paid"')
  })

  it('is erased while amounts and moves stay', async () => {
    const order = await bought()
    await world.within((tx) => eraseContact(tx, world.contactId, { by: 'contact', at: NOON }))
    const shown = await world.within((tx) => showOrder(tx, { id: order.id }))
    expect(shown).toMatchObject({ contactId: null, priceMinor: 20_000, state: 'paid', fulfilmentContent: null })
    expect(shown.charges).toMatchObject([{ stars: 200, payerTelegramId: null }])
    expect((await world.within((tx) => listRuns(tx, {}, 5)))[0]).toMatchObject({ contactId: null })
    const report = await world.within((tx) => reportFunnel(tx, 'standard', { from: NOON - 1, until: NOON + 1 }))
    expect(report.stages.find(({ stage }) => stage === 'paid')).toMatchObject({ entered: 1 })
    const left = await db
      .selectFrom('product_offer')
      .select('product')
      .where('contact_id', '=', world.contactId)
      .execute()
    expect(left).toEqual([])
  })

  it('is merged whole: orders go along, and one run stays open', async () => {
    await world.says('Kurs fiyatı?')
    const other = await world.addPerson('Ayşe')
    await db.updateTable('contact').set({ telegram_id: null }).where('id', '=', other).execute()
    await db
      .insertInto('funnel_run')
      .values({
        tenant_id: world.tenantId,
        account_id: world.accountId,
        contact_id: other,
        funnel: 'standard',
        version: 0,
        stage: 'offered',
        since_at: new Date(NOON),
        why: 'intent',
        started_at: new Date(NOON),
      })
      .execute()
    await world.within((tx) => mergeContacts(tx, world.contactId, other, NOON))
    const runs = await world.within((tx) => listRuns(tx, { contactId: world.contactId }, 10))
    expect(runs.filter(({ endedAt }) => endedAt === null)).toHaveLength(1)
    expect(runs).toHaveLength(2)
  })
})

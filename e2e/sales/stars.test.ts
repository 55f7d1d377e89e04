import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type Order,
  checkStarPayment,
  expireOrders,
  findForSale,
  openOrder,
  refundOrder,
  showOrder,
} from '#server/modules/sales/index.ts'
import { secretBox } from '#server/base/secret.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { type Shop, openShop, owner, translator, until } from './open-shop.ts'

/** A buyer before whom an invoice lies. */
const ask = async (shop: Shop, name: string) => {
  const buyer = shop.person(name)
  buyer.write('Kitabı satın almak istiyorum')
  await buyer.press('Satın al')
  const { message_id: invoice } = await buyer.invoice()
  const order = await buyer.order('an order waits', ({ state }) => state === 'payment_pending')
  return { buyer, invoice, order }
}

/** What pressing the button does. */
const openFor = async (tx: TenantTx, shop: Shop): Promise<Order> => {
  const at = systemClock.now()
  const { products } = await findForSale(tx, shop.accountId, at)
  const contact = await tx
    .selectFrom('contact')
    .select('id')
    .where('tenant_id', '=', shop.tenantId)
    .executeTakeFirstOrThrow()
  const press = {
    accountId: shop.accountId,
    contactId: contact.id,
    key: products[0]?.key ?? '',
    pressKey: 'press:test',
    translator,
    at,
  }
  const opened = await openOrder(tx, press)
  if (opened.kind !== 'opened') throw new Error(opened.kind)
  return opened.order
}

/** What the contact is credited with. */
const countOrders = (shop: Shop, { contactId }: Order) =>
  shop.within((tx) =>
    tx
      .selectFrom('contact_feature')
      .select(['order_count as orders', 'revenue_minor as revenue'])
      .where('tenant_id', '=', shop.tenantId)
      .where('contact_id', '=', contactId)
      .executeTakeFirst(),
  )

const refundDeps = (shop: Shop) => ({
  db: shop.db,
  box: secretBox(Buffer.alloc(32, 5)),
  stars: createBotApi().stars,
  translator,
})

describe('a shop that sells for Stars', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop()
  }, 60_000)
  afterAll(() => shop.close())

  it('answers a question with the catalogue’s price, takes the payment once, hands over and counts it', async () => {
    const { buyer, invoice, order } = await ask(shop, 'Ayşe')
    const offer = await buyer.sees('₺200')
    expect(offer.text).toContain('otomatik bir yanıt')
    const checkout = await buyer.pay(invoice)
    expect(checkout).toMatchObject({ state: 'paid', refusal: null })
    await buyer.sees('Kitabınız: AB12-CD34')
    await until('it is delivered', async () => {
      await shop.conclude()
      return (await buyer.orders()).find(({ state }) => state === 'fulfilled')
    })

    const again = await buyer.pay(invoice)
    expect(again).toMatchObject({ state: 'refused', refusal: 'Bu sipariş zaten ödendi.' })
    const shown = await shop.within((tx) => showOrder(tx, { id: order.id }))
    expect(shown).toMatchObject({ state: 'fulfilled', paidBy: 'stars', askedMinor: 200, askedCurrency: 'XTR' })
    expect(shown.charges).toMatchObject([{ chargeId: checkout.chargeId, stars: 200, outcome: 'settled' }])
    expect(await countOrders(shop, order)).toEqual({ orders: 1, revenue: 20_000 })
    expect(buyer.textsOf().filter((text) => text.includes('AB12-CD34'))).toHaveLength(1)

    const refunded = await refundOrder(
      refundDeps(shop),
      shop.tenantId,
      { orderId: order.id, isSentByHand: false },
      owner(),
    )
    expect(refunded.state).toBe('refunded')
    await buyer.sees('iade edildi')
    expect(await countOrders(shop, order)).toEqual({ orders: 0, revenue: 0 })
  })

  it('lets nobody pay what they cancelled, and keeps what Telegram took all the same in front of a member', async () => {
    const { buyer, invoice, order } = await ask(shop, 'Mehmet')
    // Telegram has our yes and is taking the Stars while the person cancels: the payment is told of afterwards.
    await buyer.press('Siparişi iptal et')
    await buyer.order('it is cancelled', ({ state }) => state === 'cancelled')
    expect(await buyer.pay(invoice)).toMatchObject({
      state: 'refused',
      refusal: expect.stringContaining('iptal edildi'),
    })

    const charge = (id: string) => ({
      update_id: Math.trunc(performance.now() * 1_000),
      message: {
        message_id: Math.trunc(performance.now() * 1_000),
        date: Math.trunc(systemClock.now() / 1_000),
        chat: { id: buyer.userId, type: 'private' },
        from: { id: buyer.userId, is_bot: false, first_name: 'Mehmet', language_code: 'tr' },
        successful_payment: {
          currency: 'XTR',
          total_amount: 200,
          invoice_payload: order.reference,
          telegram_payment_charge_id: id,
          provider_payment_charge_id: '',
        },
      },
    })
    await shop.app().takeUpdates({ tenantId: shop.tenantId, accountId: shop.accountId }, [charge('late-1')])
    const shown = await until('the charge is written down', async () => {
      const found = await shop.within((tx) => showOrder(tx, { id: order.id }))
      return found.charges.length > 0 && found.charges.every(({ refundFailed }) => refundFailed !== null) ? found : null
    })
    // The simulated Telegram knows no such charge: it stays in front of a member.
    expect(shown).toMatchObject({ state: 'cancelled', reviewReason: 'refund_failed' })
    expect(shown.charges).toMatchObject([{ outcome: 'paid_late', refundWanted: true }])
  })

  it('keeps to one order however often the button is pressed', async () => {
    const { buyer, invoice } = await ask(shop, 'Zeynep')
    await buyer.press('Satın al')
    const second = await until('a second invoice', async () =>
      buyer.messages().findLast((message) => message.invoice && message.message_id !== invoice),
    )
    expect(await buyer.orders()).toHaveLength(1)
    expect(await buyer.pay(second.message_id)).toMatchObject({ state: 'paid' })
    await buyer.sees('AB12-CD34')
    expect(await buyer.pay(invoice)).toMatchObject({ state: 'refused', refusal: 'Bu sipariş zaten ödendi.' })
  })

  it('refuses who pays another’s order, and an order of another tenant', async () => {
    const { order, buyer } = await ask(shop, 'Ali')
    const question = (accountId: number, payerTelegramId: number) =>
      checkStarPayment(
        shop.db,
        { reference: order.reference, accountId, stars: 200, currency: 'XTR', payerTelegramId },
        systemClock.now(),
      )
    expect(await question(shop.accountId, buyer.userId)).toBeNull()
    expect(await question(shop.accountId, buyer.userId + 1)).toBe('foreign')
    const bot = shop.simulator.control.createBot({ username: 'baska_bot' })
    const other = await shop.linkAnother(bot.token)
    expect(await question(other.accountId, buyer.userId)).toBe('unknown')
    // What another bot's invoice says is no order of that bot, whatever it names.
    const person = shop.simulator.control.createUser({ firstName: 'Hırsız', languageCode: 'tr' })
    shop.simulator.control.openDialog({ userId: person.id, botId: bot.id })
    const { stars } = createBotApi()
    const account = {
      tenantId: other.tenantId,
      kind: 'bot',
      token: bot.token,
      apiRoot: shop.simulator.apiRoot,
    } as const
    const link = await stars.createInvoiceLink(
      { ...account, accountId: other.accountId },
      { title: 'Kitap', description: 'Kitap', payload: order.reference, stars: 200 },
    )
    if (link.kind !== 'done') throw new Error('no invoice')
    const { preCheckoutQueryId } = shop.simulator.control.payInvoice({
      userId: person.id,
      botId: bot.id,
      link: link.value,
    })
    const checkout = await until('the checkout is decided', async () => {
      const found = shop.simulator.control.getCheckout({ preCheckoutQueryId })
      return found.state === 'waiting' ? null : found
    })
    expect(checkout).toMatchObject({ state: 'refused', refusal: expect.stringContaining('ödenemiyor') })
    expect((await buyer.orders())[0]?.state).toBe('payment_pending')
  })

  it('sells nothing at a price that is not the catalogue’s any more, and lets nobody pay when time is over', async () => {
    const { buyer, invoice } = await ask(shop, 'Veli')
    await shop.catalogue(30_000)
    await buyer.press('Satın al')
    await buyer.sees('fiyatı değişmiş')
    expect(await buyer.orders()).toHaveLength(1)
    const later = systemClock.now() + 2 * DAY_MS
    await expireOrders({ db: shop.db, translator }, later)
    expect(await buyer.orders()).toMatchObject([{ state: 'expired' }])
    expect(await buyer.pay(invoice)).toMatchObject({
      state: 'refused',
      refusal: expect.stringContaining('süresi doldu'),
    })
  })

  it('hands over once what was paid twice before a process died, and sends the second payment back', async () => {
    const unstarted = await openShop({ start: false })
    onTestFinished(() => unstarted.close())
    // The process takes updates in and applies them, and never comes to send: what it left behind is all there is.
    const first = unstarted.app()
    const owned = { tenantId: unstarted.tenantId, accountId: unstarted.accountId }
    const feed = createBotApi().updateFeed
    let offset = 0
    const account = { ...owned, kind: 'bot', token: unstarted.bot.token, apiRoot: unstarted.simulator.apiRoot } as const
    const pump = async () => {
      const reply = await feed.getUpdates(account, { offset, waitSeconds: 0, limit: 100 })
      if (reply.kind !== 'done') throw new Error(`no updates: ${reply.kind}`)
      offset = reply.value.reduce<number>(
        (next, raw) => Math.max(next, (raw as { update_id: number }).update_id + 1),
        offset,
      )
      await first.takeUpdates(owned, reply.value, offset)
      await first.drainInbox(owned)
      return reply.value
    }
    const buyer = unstarted.person('Fatma')
    buyer.write('Kitap fiyatı ne kadar?')
    await pump()
    const paid = await unstarted.within((tx) => openFor(tx, unstarted))
    const link = await createBotApi().stars.createInvoiceLink(account, {
      title: 'Kitap',
      description: 'Kitap',
      payload: paid.reference,
      stars: 200,
    })
    if (link.kind !== 'done') throw new Error('no invoice')
    const { control } = unstarted.simulator
    const pay = () => control.payInvoice({ userId: buyer.userId, botId: unstarted.bot.id, link: link.value })
    const checkouts = [pay(), pay()].map(({ preCheckoutQueryId }) => preCheckoutQueryId)
    // Both are asked about before either is told of, as when two presses come at once.
    await pump()
    const told = await pump()
    expect(await buyer.orders()).toMatchObject([{ state: 'paid' }])
    expect(buyer.textsOf()).toEqual([])
    // Dead between payment and handing over; Telegram tells of the payment again.
    const second = await unstarted.another()
    await second.start()
    await second.takeUpdates(owned, told)
    await buyer.sees('AB12-CD34')
    await until('it is delivered', async () => {
      await unstarted.conclude()
      return (await buyer.orders()).find(({ state }) => state === 'fulfilled')
    })
    expect(buyer.textsOf().filter((text) => text.includes('AB12-CD34'))).toHaveLength(1)
    const charges = await until('the second payment went back', async () => {
      const { charges: found } = await unstarted.within((tx) => showOrder(tx, { id: paid.id }))
      return found.some(({ refundedAt }) => refundedAt !== null) ? found : null
    })
    expect(charges.map(({ outcome }) => outcome)).toEqual(['settled', 'paid_twice'])
    const states = checkouts.map((id) => control.getCheckout({ preCheckoutQueryId: id }).state)
    expect(states.toSorted()).toEqual(['paid', 'refunded'])
  })
})

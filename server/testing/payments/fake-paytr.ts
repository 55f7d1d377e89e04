import { createHmac } from 'node:crypto'

import { type PaytrSettings, createPaytrProvider } from '#server/gateways/payments/adapters/paytr.ts'
import type { RawCallback } from '#server/gateways/payments/payment-provider.ts'

import type { PaymentWorld } from './payment-world.ts'
import { startProviderServer } from './provider-server.ts'

const SHOP = { merchantId: '100001', merchantKey: 'fake-key', merchantSalt: 'fake-salt', isTest: false }

interface Order {
  readonly amount: number
  paid: number | null
  refunded: boolean
}

const hmac = (text: string): string => createHmac('sha256', SHOP.merchantKey).update(text).digest('base64')

/** What PayTR signs of a token request, in its documented order. */
const TOKEN_FIELDS =
  'merchant_id user_ip merchant_oid email payment_amount user_basket no_installment max_installment currency test_mode'

const form = (body: string): RawCallback => ({
  body: Buffer.from(body),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
})

const money = (minor: number): string => (minor / 100).toFixed(2)

/** PayTR as its documentation describes it: checks every signature, takes an order number once, signs its callbacks. */
export const openFakePaytr = async (): Promise<PaymentWorld> => {
  const orders = new Map<string, Order>()
  const refuse = (reason: string) => ({ json: { status: 'failed', reason } })
  const createToken = (given: URLSearchParams) => {
    const field = (name: string) => given.get(name) ?? ''
    const signed = TOKEN_FIELDS.split(' ').map(field).join('') + SHOP.merchantSalt
    if (field('paytr_token') !== hmac(signed)) return refuse('paytr_token gecersiz')
    if (!/^[A-Za-z0-9]{1,64}$/.test(field('merchant_oid'))) return refuse('merchant_oid alfanumerik olmali')
    const basket = JSON.parse(Buffer.from(field('user_basket'), 'base64').toString('utf8')) as [
      string,
      string,
      number,
    ][]
    if (basket.some(([, price]) => !/^\d+\.\d{2}$/.test(price))) return refuse('user_basket gecersiz')
    if (orders.get(field('merchant_oid'))?.paid) return refuse('merchant_oid daha once kullanilmis')
    orders.set(field('merchant_oid'), { amount: Number(field('payment_amount')), paid: null, refunded: false })
    return { json: { status: 'success', token: `tok${field('merchant_oid')}` } }
  }
  const refund = (oid: string, given: URLSearchParams) => {
    const amount = given.get('return_amount') ?? ''
    if (given.get('paytr_token') !== hmac(SHOP.merchantId + oid + amount + SHOP.merchantSalt))
      return { json: { status: 'error', err_no: '002', err_msg: 'paytr_token' } }
    const order = orders.get(oid)
    if (!order?.paid || money(order.paid) !== amount)
      return { json: { status: 'error', err_no: '005', err_msg: 'tutar' } }
    order.refunded = true
    return { json: { status: 'success', merchant_oid: oid, return_amount: amount } }
  }
  const server = await startProviderServer(({ url, body }) => {
    const given = new URLSearchParams(body)
    const oid = given.get('merchant_oid') ?? ''
    if (url.pathname === '/odeme/api/get-token') return createToken(given)
    if (url.pathname === '/odeme/iade') return refund(oid, given)
    if (given.get('paytr_token') !== hmac(SHOP.merchantId + oid + SHOP.merchantSalt))
      return { json: { status: 'error', err_no: '002' } }
    const paid = orders.get(oid)?.paid ?? null
    if (paid === null) return { json: { status: 'error', err_no: '004', err_msg: 'islem bulunamadi' } }
    return { json: { status: 'success', payment_amount: money(paid), payment_total: money(paid), currency: 'TL' } }
  })
  const settings: PaytrSettings = { ...SHOP, apiRoot: server.apiRoot }
  return {
    provider: createPaytrProvider(settings),
    stranger: createPaytrProvider({ ...settings, merchantKey: 'another-key' }),
    callbacks: server.callbacks,
    payerTelegramId: null,
    async pay(reference, amountMinor) {
      const order = orders.get(reference)
      if (!order) throw new Error(`nobody asked for ${reference}`)
      order.paid = amountMinor ?? order.amount
      const total = String(order.paid)
      const hash = hmac(reference + SHOP.merchantSalt + 'success' + total)
      const fields = {
        merchant_oid: reference,
        status: 'success',
        total_amount: total,
        hash,
        test_mode: '0',
        currency: 'TL',
      }
      server.callbacks.push(form(new URLSearchParams(fields).toString()))
    },
    forge: ({ body }) =>
      form(
        Buffer.from(body)
          .toString('utf8')
          .replace(/total_amount=\d+/, 'total_amount=1'),
      ),
    setDown: (isDown) => server.setDown(isDown),
    close: () => server.close(),
  }
}

import { createHmac } from 'node:crypto'

import { equalSecrets } from '#server/base/secret.ts'

import type { CallbackVerdict, CheckoutOrder, PaymentProvider, ProviderEvent } from '../payment-provider.ts'
import { callProvider, fieldsOf, parseMinor } from './call-provider.ts'

export interface PaytrSettings {
  readonly merchantId: string
  readonly merchantKey: string
  readonly merchantSalt: string
  readonly isTest: boolean
  /** Without a trailing slash; the public one or a local peer. */
  readonly apiRoot: string
}

/** The signature of every PayTR message: HMAC-SHA256 of the parts and the salt, in base64. */
const sign = ({ merchantKey }: Pick<PaytrSettings, 'merchantKey'>, ...parts: readonly string[]): string =>
  createHmac('sha256', merchantKey).update(parts.join('')).digest('base64')

const tokenForm = (settings: PaytrSettings, order: CheckoutOrder, email: string, ip: string): URLSearchParams => {
  const { merchantId, merchantSalt } = settings
  const basket = [[order.description.slice(0, 128), (order.amountMinor / 100).toFixed(2), 1]]
  // Without instalments the total is what was asked, so an amount that differs is always somebody's fault.
  const signed = {
    merchant_id: merchantId,
    user_ip: ip,
    merchant_oid: order.reference,
    email,
    payment_amount: String(order.amountMinor),
    user_basket: Buffer.from(JSON.stringify(basket)).toString('base64'),
    no_installment: '1',
    max_installment: '0',
    currency: 'TL',
    test_mode: settings.isTest ? '1' : '0',
  }
  return new URLSearchParams({
    ...signed,
    paytr_token: sign(settings, ...Object.values(signed), merchantSalt),
    user_name: order.payer.name.slice(0, 60),
    user_address: (order.payer.address ?? '-').slice(0, 400),
    user_phone: (order.payer.phone ?? '-').slice(0, 20),
    merchant_ok_url: order.returnUrl,
    merchant_fail_url: order.returnUrl,
    timeout_limit: '30',
    debug_on: '0',
    lang: order.locale === 'tr' ? 'tr' : 'en',
    iframe_v2: '1',
  })
}

const eventOf = (reference: string, kind: 'paid' | 'failed', amountMinor: number): ProviderEvent => ({
  provider: 'paytr',
  eventId: `${reference}:${kind}`,
  reference,
  kind,
  amountMinor,
  currency: 'TRY',
  // PayTR knows an order by our reference alone, and takes each once.
  providerPaymentId: reference,
})

/** One form field that must stand there exactly once. */
const one = (form: URLSearchParams, name: string): string => {
  const [value = '', ...more] = form.getAll(name)
  return more.length === 0 ? value : ''
}

const verify = (settings: PaytrSettings, form: URLSearchParams): CallbackVerdict => {
  const [oid, status, total, hash] = [
    one(form, 'merchant_oid'),
    one(form, 'status'),
    one(form, 'total_amount'),
    one(form, 'hash'),
  ]
  if (oid === '' || hash === '' || !/^\d{1,15}$/.test(total)) return { kind: 'rejected', reason: 'malformed' }
  if (!equalSecrets(sign(settings, oid, settings.merchantSalt, status, total), hash))
    return { kind: 'rejected', reason: 'signature' }
  if (status !== 'success') return { kind: 'event', event: eventOf(oid, 'failed', Number(total)) }
  // A test payment is signed like a real one and brings no money.
  if (one(form, 'test_mode') === '1' && !settings.isTest) return { kind: 'rejected', reason: 'unconfirmed' }
  return { kind: 'event', event: eventOf(oid, 'paid', Number(total)) }
}

/** PayTR's iFrame (dev.paytr.com/iframe-api); one callback address per shop. It has no recurring payments. */
export const createPaytrProvider = (settings: PaytrSettings): PaymentProvider => {
  const { merchantId, merchantSalt, apiRoot } = settings
  const post = (path: string, body: URLSearchParams) => callProvider(`${apiRoot}${path}`, { method: 'POST', body })
  return {
    name: 'paytr',
    currencies: ['TRY'],
    acknowledgement: 'OK',

    async createCheckout(order) {
      const { email, ip } = order.payer
      if (email === null || ip === null) return { kind: 'refused', code: 'payer_incomplete' }
      const reply = await post('/odeme/api/get-token', tokenForm(settings, order, email, ip))
      if (reply.kind !== 'answered') return reply
      const { status, token } = fieldsOf(reply.json)
      return status === 'success' && typeof token === 'string'
        ? {
            kind: 'page',
            url: `${apiRoot}/odeme/guvenli/${encodeURIComponent(token)}`,
            isEmbedded: true,
            checkoutId: null,
          }
        : { kind: 'refused', code: 'token_refused' }
    },

    verifyCallback: ({ body }) =>
      Promise.resolve(verify(settings, new URLSearchParams(Buffer.from(body).toString('utf8')))),

    async queryPayment({ reference }) {
      const paytr_token = sign(settings, merchantId, reference, merchantSalt)
      const form = new URLSearchParams({ merchant_id: merchantId, merchant_oid: reference, paytr_token })
      const reply = await post('/odeme/durum-sorgu', form)
      if (reply.kind !== 'answered') return reply
      const { status, payment_total: total, currency } = fieldsOf(reply.json)
      if (status !== 'success') return { kind: 'open' }
      const amountMinor = parseMinor(total)
      if (amountMinor === null || currency !== 'TL') return { kind: 'unavailable', reason: 'unreadable answer' }
      return { kind: 'event', event: eventOf(reference, 'paid', amountMinor) }
    },

    async refund({ reference, amountMinor }) {
      const amount = (amountMinor / 100).toFixed(2)
      const paytr_token = sign(settings, merchantId, reference, amount, merchantSalt)
      const form = new URLSearchParams({
        merchant_id: merchantId,
        merchant_oid: reference,
        return_amount: amount,
        reference_no: `${reference}R`,
        paytr_token,
      })
      const reply = await post('/odeme/iade', form)
      if (reply.kind !== 'answered') return reply
      const { status, err_no: code } = fieldsOf(reply.json)
      if (status === 'success') return { kind: 'done' }
      return { kind: 'refused', code: typeof code === 'string' ? `paytr_${code.slice(0, 10)}` : 'refund_refused' }
    },
  }
}

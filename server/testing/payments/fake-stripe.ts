import { Stripe } from 'stripe'

import { type StripeSettings, createStripeProvider } from '#server/gateways/payments/adapters/stripe.ts'
import type { RawCallback } from '#server/gateways/payments/payment-provider.ts'

import type { PaymentWorld } from './payment-world.ts'
import { type PeerAnswer, type PeerRequest, startProviderServer } from './provider-server.ts'

const KEYS = { secretKey: 'sk_test_fake', webhookSecret: 'whsec_fake' }

interface Session {
  readonly id: string
  readonly object: 'checkout.session'
  readonly client_reference_id: string | null
  amount_total: number
  readonly currency: string
  payment_status: 'paid' | 'unpaid'
  payment_intent: string | null
  readonly url: string
}

const refused = (status: number, type: string, code?: string): PeerAnswer => ({
  status,
  json: { error: { type, code, message: 'refused' } },
})

/** Stripe's part that is used: sessions, refunds, idempotency keys, signed events. */
export const openFakeStripe = async (): Promise<PaymentWorld> => {
  const sessions = new Map<string, Session>()
  const refunded = new Set<string>()
  const answered = new Map<string, PeerAnswer>()

  const createSession = (form: URLSearchParams): PeerAnswer => {
    const id = `cs_${sessions.size + 1}`
    const session: Session = {
      id,
      object: 'checkout.session',
      client_reference_id: form.get('client_reference_id'),
      amount_total: Number(form.get('line_items[0][price_data][unit_amount]')),
      currency: form.get('line_items[0][price_data][currency]') ?? '',
      payment_status: 'unpaid',
      payment_intent: null,
      url: `${server.apiRoot}/pay/${id}`,
    }
    sessions.set(id, session)
    return { json: session }
  }
  const createRefund = (form: URLSearchParams): PeerAnswer => {
    const intent = form.get('payment_intent') ?? ''
    if (![...sessions.values()].some((session) => session.payment_intent === intent))
      return refused(404, 'invalid_request_error', 'resource_missing')
    if (refunded.has(intent)) return refused(400, 'invalid_request_error', 'charge_already_refunded')
    refunded.add(intent)
    return { json: { id: `re_${intent}`, object: 'refund', status: 'succeeded' } }
  }
  const route = ({ method, url, body }: PeerRequest): PeerAnswer => {
    const form = new URLSearchParams(body)
    if (method === 'POST' && url.pathname === '/v1/checkout/sessions') return createSession(form)
    if (method === 'POST' && url.pathname === '/v1/refunds') return createRefund(form)
    const session = sessions.get(url.pathname.replace('/v1/checkout/sessions/', ''))
    return session ? { json: session } : refused(404, 'invalid_request_error', 'resource_missing')
  }
  const server = await startProviderServer((request) => {
    if (request.headers['authorization'] !== `Bearer ${KEYS.secretKey}`) return refused(401, 'invalid_request_error')
    const key = request.headers['idempotency-key']
    if (request.method !== 'POST' || typeof key !== 'string') return route(request)
    const answer = answered.get(key) ?? route(request)
    answered.set(key, answer)
    return answer
  })

  const settings: StripeSettings = { ...KEYS, apiRoot: server.apiRoot }
  const signer = new Stripe(KEYS.secretKey)
  const signed = (event: object, secret = KEYS.webhookSecret): RawCallback => {
    const payload = JSON.stringify(event)
    const signature = signer.webhooks.generateTestHeaderString({ payload, secret })
    return {
      body: Buffer.from(payload),
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    }
  }
  return {
    provider: createStripeProvider(settings),
    stranger: createStripeProvider({ ...settings, secretKey: 'sk_test_another' }),
    callbacks: server.callbacks,
    payerTelegramId: null,
    async pay(reference, amountMinor) {
      const session = [...sessions.values()].find((one) => one.client_reference_id === reference)
      if (!session) throw new Error(`nobody asked for ${reference}`)
      session.payment_status = 'paid'
      session.payment_intent = `pi_${session.id}`
      if (amountMinor !== undefined) session.amount_total = amountMinor
      const event = { id: `evt_${session.id}`, object: 'event', type: 'checkout.session.completed' }
      server.callbacks.push(signed({ ...event, data: { object: { ...session } } }))
    },
    forge: ({ body, headers }) => ({
      body: Buffer.from(Buffer.from(body).toString('utf8').replace('"paid"', '"paid" ')),
      headers,
    }),
    setDown: (isDown) => server.setDown(isDown),
    close: () => server.close(),
  }
}

import { Stripe } from 'stripe'

import { SECOND_MS } from '#server/base/duration.ts'

import type { CallbackVerdict, PaymentProvider, ProviderEvent, ProviderFailure } from '../payment-provider.ts'

export interface StripeSettings {
  readonly secretKey: string
  readonly webhookSecret: string
  readonly apiRoot: string
}

const failureOf = (error: unknown): ProviderFailure => {
  if (!(error instanceof Stripe.errors.StripeError)) throw error
  const { statusCode, code, type } = error
  if (statusCode === undefined || statusCode >= 500 || statusCode === 429) return { kind: 'unavailable', reason: type }
  return { kind: 'refused', code: code ?? type }
}

const idOf = (value: string | { readonly id: string } | null | undefined): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null)

const sessionEvent = (
  session: Stripe.Checkout.Session,
  kind: 'paid' | 'failed',
  eventId: string,
): ProviderEvent | null => {
  const reference = session.client_reference_id
  if (reference === null || session.amount_total === null || session.currency === null) return null
  return {
    provider: 'stripe',
    eventId,
    reference,
    kind,
    amountMinor: session.amount_total,
    currency: session.currency.toUpperCase(),
    providerPaymentId: idOf(session.payment_intent) ?? session.id,
  }
}

const refundEvent = (charge: Stripe.Charge, eventId: string): ProviderEvent | null => {
  const reference = charge.metadata['reference']
  if (reference === undefined) return null
  return {
    provider: 'stripe',
    eventId,
    reference,
    kind: 'refunded',
    amountMinor: charge.amount_refunded,
    currency: charge.currency.toUpperCase(),
    providerPaymentId: idOf(charge.payment_intent) ?? charge.id,
  }
}

const readEvent = (event: Stripe.Event): ProviderEvent | null => {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      // Completed with a slow means of payment says nothing about money yet.
      return event.data.object.payment_status === 'paid' ? sessionEvent(event.data.object, 'paid', event.id) : null
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return sessionEvent(event.data.object, 'failed', event.id)
    case 'charge.refunded':
      return refundEvent(event.data.object, event.id)
    default:
      return null
  }
}

const connect = ({ secretKey, apiRoot }: StripeSettings): Stripe => {
  const { protocol, hostname, port } = new URL(apiRoot)
  return new Stripe(secretKey, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port !== '' && { port }),
    timeout: 10 * SECOND_MS,
    maxNetworkRetries: 1,
    telemetry: false,
  })
}

/** Cards by Stripe Checkout. Idempotent by reference; callbacks are believed by their signature over the raw body. */
export const createStripeProvider = (settings: StripeSettings): PaymentProvider => {
  const stripe = connect(settings)
  return {
    name: 'stripe',
    currencies: ['TRY', 'USD', 'EUR'],
    acknowledgement: 'OK',

    async createCheckout(order) {
      const metadata = { reference: order.reference }
      const { description: name, payer } = order
      const price = { currency: order.currency.toLowerCase(), unit_amount: order.amountMinor, product_data: { name } }
      try {
        const session = await stripe.checkout.sessions.create(
          {
            mode: 'payment',
            client_reference_id: order.reference,
            line_items: [{ quantity: 1, price_data: price }],
            success_url: order.returnUrl,
            cancel_url: order.returnUrl,
            locale: order.locale === 'ar' ? 'auto' : order.locale,
            metadata,
            payment_intent_data: { metadata },
            ...(payer.email !== null && { customer_email: payer.email }),
          },
          { idempotencyKey: `checkout-${order.reference}` },
        )
        if (session.url === null) return { kind: 'refused', code: 'no_page' }
        return { kind: 'page', url: session.url, isEmbedded: false, checkoutId: session.id }
      } catch (error) {
        return failureOf(error)
      }
    },

    verifyCallback({ body, headers }): Promise<CallbackVerdict> {
      const signature = headers['stripe-signature'] ?? ''
      let event: Stripe.Event
      try {
        event = stripe.webhooks.constructEvent(Buffer.from(body), signature, settings.webhookSecret)
      } catch (error) {
        if (error instanceof Stripe.errors.StripeSignatureVerificationError)
          return Promise.resolve({ kind: 'rejected', reason: 'signature' })
        return Promise.resolve({ kind: 'rejected', reason: 'malformed' })
      }
      const told = readEvent(event)
      return Promise.resolve(told ? { kind: 'event', event: told } : { kind: 'ignored', why: event.type })
    },

    async queryPayment({ checkoutId }) {
      if (checkoutId === null) return { kind: 'open' }
      try {
        const session = await stripe.checkout.sessions.retrieve(checkoutId)
        if (session.payment_status !== 'paid') return { kind: 'open' }
        const event = sessionEvent(session, 'paid', `query:${session.id}`)
        return event ? { kind: 'event', event } : { kind: 'unavailable', reason: 'unreadable answer' }
      } catch (error) {
        return failureOf(error)
      }
    },

    async refund({ reference, providerPaymentId }) {
      if (providerPaymentId === null) return { kind: 'refused', code: 'payment_unknown' }
      try {
        await stripe.refunds.create({ payment_intent: providerPaymentId }, { idempotencyKey: `refund-${reference}` })
        return { kind: 'done' }
      } catch (error) {
        const failure = failureOf(error)
        return failure.kind === 'refused' && failure.code === 'charge_already_refunded' ? { kind: 'done' } : failure
      }
    },
  }
}

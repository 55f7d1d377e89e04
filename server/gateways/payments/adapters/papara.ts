import { equalSecrets } from '#server/base/secret.ts'

import type { CallbackVerdict, PaymentProvider, ProviderEvent, ProviderFailure } from '../payment-provider.ts'
import { callProvider, fieldsOf, parseJson, parseMinor } from './call-provider.ts'

export interface PaparaSettings {
  readonly apiKey: string
  /** Comes back inside each callback; it proves little, so every callback is asked about again. */
  readonly merchantSecret: string
  readonly apiRoot: string
  /** Where Papara tells of payments. */
  readonly callbackUrl: string
}

const KIND_OF_STATUS: ReadonlyMap<unknown, 'paid' | 'refunded'> = new Map([
  [1, 'paid'],
  [2, 'refunded'],
])
const TRY = 0

type Found =
  | { readonly kind: 'found'; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'none' }
  | ProviderFailure

/** What a payment record says; null while it says nothing final. */
const eventOf = (data: Readonly<Record<string, unknown>>): ProviderEvent | 'unreadable' | null => {
  const { id, referenceId, amount, currency, status } = data
  const kind = KIND_OF_STATUS.get(status)
  if (kind === undefined) return null
  const amountMinor = parseMinor(amount)
  if (typeof id !== 'string' || typeof referenceId !== 'string' || amountMinor === null) return 'unreadable'
  return {
    provider: 'papara',
    eventId: `${id}:${kind}`,
    reference: referenceId,
    kind,
    amountMinor,
    currency: currency === TRY ? 'TRY' : 'XXX',
    providerPaymentId: id,
  }
}

/** Papara's merchant API. Its callback carries no signature: it is only the reason to ask how the payment stands. */
export const createPaparaProvider = (settings: PaparaSettings): PaymentProvider => {
  const headers = { ApiKey: settings.apiKey, 'content-type': 'application/json' }
  const find = async (path: string): Promise<Found> => {
    const reply = await callProvider(`${settings.apiRoot}${path}`, { method: 'GET', headers })
    if (reply.kind !== 'answered') return reply
    if (reply.status === 401 || reply.status === 403) return { kind: 'refused', code: 'key_refused' }
    const { succeeded, data } = fieldsOf(reply.json)
    return succeeded === true ? { kind: 'found', data: fieldsOf(data) } : { kind: 'none' }
  }
  const confirm = async (id: string, referenceId: unknown): Promise<CallbackVerdict> => {
    const found = await find(`/payments?id=${encodeURIComponent(id)}`)
    if (found.kind === 'unavailable' || found.kind === 'refused')
      return { kind: 'unavailable', reason: found.kind === 'refused' ? found.code : found.reason }
    if (found.kind === 'none') return { kind: 'rejected', reason: 'unconfirmed' }
    const event = eventOf(found.data)
    if (event === null) return { kind: 'ignored', why: 'not final' }
    const isOurs = event !== 'unreadable' && event.providerPaymentId === id && event.reference === referenceId
    return isOurs ? { kind: 'event', event } : { kind: 'rejected', reason: 'unconfirmed' }
  }
  return {
    name: 'papara',
    currencies: ['TRY'],
    acknowledgement: 'OK',

    async createCheckout(order) {
      const body = JSON.stringify({
        amount: order.amountMinor / 100,
        currency: TRY,
        referenceId: order.reference,
        orderDescription: order.description.slice(0, 500),
        notificationUrl: settings.callbackUrl,
        redirectUrl: order.returnUrl,
      })
      const reply = await callProvider(`${settings.apiRoot}/payments`, { method: 'POST', headers, body })
      if (reply.kind !== 'answered') return reply
      const { succeeded, data } = fieldsOf(reply.json)
      const { id, paymentUrl } = fieldsOf(data)
      return succeeded === true && typeof id === 'string' && typeof paymentUrl === 'string'
        ? { kind: 'page', url: paymentUrl, isEmbedded: false, checkoutId: id }
        : { kind: 'refused', code: 'payment_refused' }
    },

    verifyCallback({ body }) {
      const { id, referenceId, merchantSecretKey } = fieldsOf(parseJson(Buffer.from(body).toString('utf8')))
      if (typeof id !== 'string' || typeof merchantSecretKey !== 'string')
        return Promise.resolve({ kind: 'rejected', reason: 'malformed' })
      if (!equalSecrets(merchantSecretKey, settings.merchantSecret))
        return Promise.resolve({ kind: 'rejected', reason: 'signature' })
      return confirm(id, referenceId)
    },

    async queryPayment({ reference }) {
      const found = await find(`/payments/reference?referenceId=${encodeURIComponent(reference)}`)
      if (found.kind === 'none') return { kind: 'open' }
      if (found.kind !== 'found') return found
      const event = eventOf(found.data)
      if (event === null) return { kind: 'open' }
      return event === 'unreadable' || event.reference !== reference
        ? { kind: 'unavailable', reason: 'unreadable answer' }
        : { kind: 'event', event }
    },

    // How Papara takes refunds is not confirmed by its documentation, so a person makes them in its panel.
    refund: () => Promise.resolve({ kind: 'by_hand' }),
  }
}

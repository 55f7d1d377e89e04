import type { CallbackVerdict, PaymentProvider, ProviderEvent, QueryResult } from '../payment-provider.ts'
import type { StarsCalls } from '../stars-calls.ts'
import { fieldsOf, parseJson } from './call-provider.ts'

/** Telegram takes this much of what an invoice carries with it. */
const PAYLOAD_BYTES_MAX = 128
const PAGE = 100
/** A shop with more payments than this reads its updates. */
const PAGES_MAX = 200

const eventOf = (kind: 'paid' | 'refunded', reference: string, chargeId: string, stars: number): ProviderEvent => ({
  provider: 'stars',
  eventId: `${kind}:${chargeId}`,
  reference,
  kind,
  amountMinor: stars,
  currency: 'XTR',
  providerPaymentId: chargeId,
})

const readMessage = (message: unknown): CallbackVerdict => {
  const { successful_payment: paid, refunded_payment: refunded } = fieldsOf(message)
  const kind = paid === undefined ? 'refunded' : 'paid'
  const {
    currency,
    total_amount: stars,
    invoice_payload: payload,
    telegram_payment_charge_id: charge,
  } = fieldsOf(paid ?? refunded)
  const isWhole = typeof stars === 'number' && Number.isSafeInteger(stars) && stars > 0
  if (!isWhole || typeof payload !== 'string' || typeof charge !== 'string' || charge === '')
    return { kind: 'rejected', reason: 'malformed' }
  if (currency !== 'XTR') return { kind: 'ignored', why: 'not paid in Stars' }
  return { kind: 'event', event: eventOf(kind, payload, charge, stars) }
}

const findPaid = async (calls: StarsCalls, reference: string): Promise<QueryResult> => {
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const reply = await calls.listTransactions(page * PAGE)
    if (reply.kind !== 'done') return reply
    const found = reply.value.find(({ payload }) => payload === reference)
    if (found) return { kind: 'event', event: eventOf('paid', reference, found.id, found.stars) }
    if (reply.value.length < PAGE) return { kind: 'open' }
  }
  return { kind: 'unavailable', reason: 'too many transactions' }
}

/**
 * Telegram Stars, sold by one bot. Its callback is the message with `successful_payment` or `refunded_payment`, whose
 * origin the updates door has proven; the charge id makes it count once.
 */
export const createStarsProvider = (calls: StarsCalls): PaymentProvider => ({
  name: 'stars',
  currencies: ['XTR'],
  acknowledgement: '',

  async createCheckout(order) {
    if (Buffer.byteLength(order.reference) > PAYLOAD_BYTES_MAX) return { kind: 'refused', code: 'payload_too_long' }
    const reply = await calls.createInvoiceLink({
      title: order.description.slice(0, 32),
      description: order.description.slice(0, 255),
      payload: order.reference,
      stars: order.amountMinor,
    })
    if (reply.kind !== 'done') return reply
    return { kind: 'page', url: reply.value, isEmbedded: false, checkoutId: null }
  },

  verifyCallback: ({ body }) => Promise.resolve(readMessage(parseJson(Buffer.from(body).toString('utf8')))),

  queryPayment: ({ reference }) => findPaid(calls, reference),

  async refund({ payerTelegramId, providerPaymentId }) {
    if (payerTelegramId === null || providerPaymentId === null) return { kind: 'refused', code: 'payment_unknown' }
    const reply = await calls.refund(payerTelegramId, providerPaymentId)
    return reply.kind === 'done' ? { kind: 'done' } : reply
  },
})

import type { LabeledPrice, Message } from '@grammyjs/types'
import type { Handlers } from '#simulator/bot-api/call.ts'
import { badRequest, QUERY_TOO_OLD } from '#simulator/bot-api/errors.ts'
import { findLink } from '#simulator/bot-api/resolve-business.ts'
import { sendContent } from '#simulator/bot-api/send-message.ts'
import { answerCheckout, keepInvoice, refundCharge } from '#simulator/world/stars.ts'

type InvoiceArgs = {
  readonly title: string
  readonly description: string
  readonly payload: string
  readonly provider_token?: string | undefined
  readonly currency: string
  readonly prices: readonly LabeledPrice[]
}

/** Stars alone are simulated: one price, no provider. */
function readInvoice({ title, description, payload, provider_token: token, currency, prices }: InvoiceArgs) {
  const [price, ...more] = prices
  if (currency !== 'XTR' || (token ?? '') !== '') throw badRequest('PAYMENT_PROVIDER_INVALID')
  if (title.length === 0 || title.length > 32) throw badRequest('INVOICE_TITLE_INVALID')
  if (description.length === 0 || description.length > 255) throw badRequest('INVOICE_DESCRIPTION_INVALID')
  const bytes = Buffer.byteLength(payload)
  if (bytes === 0 || bytes > 128) throw badRequest('INVOICE_PAYLOAD_INVALID')
  if (!price || more.length > 0 || !Number.isInteger(price.amount) || price.amount < 1)
    throw badRequest('STARS_INVOICE_INVALID')
  return { title, description, payload, stars: price.amount }
}

export const paymentMethods = {
  sendInvoice(call, args) {
    const input = readInvoice(args)
    const { title, description, stars } = input
    const invoice = { title, description, start_parameter: '', currency: 'XTR', total_amount: stars }
    const message = sendContent<Message.InvoiceMessage>(call, args, 'text', { invoice })
    const { slug } = keepInvoice(call.world, call.bot, input)
    call.world.stars.messages.set(`${call.bot.id}/${message.chat.id}/${message.message_id}`, slug)
    return message
  },
  createInvoiceLink(call, args) {
    const { world, bot } = call
    if (args.business_connection_id) findLink(call, args.business_connection_id)
    return `https://t.me/$${keepInvoice(world, bot, readInvoice(args)).slug}`
  },
  answerPreCheckoutQuery({ world, bot }, args) {
    if (!args.ok && !args.error_message) throw badRequest('ERROR_TEXT_EMPTY')
    const refusal = args.ok ? null : (args.error_message ?? '')
    if (!answerCheckout(world, bot, args.pre_checkout_query_id, refusal)) throw badRequest(QUERY_TOO_OLD)
    return true
  },
  refundStarPayment({ world, bot }, args) {
    const refusal = refundCharge(world, bot, args.user_id, args.telegram_payment_charge_id)
    if (refusal !== null) throw badRequest(refusal)
    return true
  },
  getStarTransactions({ world, bot }, args) {
    const { offset = 0, limit = 100 } = args ?? {}
    return { transactions: (world.stars.transactions.get(bot.id) ?? []).slice(offset, offset + limit) }
  },
} satisfies Handlers

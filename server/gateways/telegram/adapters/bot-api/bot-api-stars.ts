import { SECOND_MS } from '#server/base/duration.ts'

import type { StarTransaction, TelegramStars } from '../../stars.ts'
import { callBotApi } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { invoiceParams } from './message-params.ts'
import { asAct, asValue, isInteger, isObject } from './read-result.ts'

/** Well inside the ten seconds that Telegram waits for the answer. */
const PRE_CHECKOUT_TIMEOUT_MS = 5 * SECOND_MS

/** Links to invoices, answers and refunds in Stars over the Bot API. */
export const createBotApiStars = (transport: HttpTransport): TelegramStars => ({
  async createInvoiceLink(account, invoice) {
    const reply = await callBotApi(transport, account, 'createInvoiceLink', invoiceParams(invoice), {
      repeatable: true,
    })
    return asValue(reply, (result) => (typeof result === 'string' ? result : undefined))
  },

  async answerPreCheckout(account, queryId, refusal) {
    const params =
      refusal === null
        ? { pre_checkout_query_id: queryId, ok: true }
        : { pre_checkout_query_id: queryId, ok: false, error_message: refusal }
    const options = { repeatable: true, timeoutMs: PRE_CHECKOUT_TIMEOUT_MS }
    return asAct(await callBotApi(transport, account, 'answerPreCheckoutQuery', params, options))
  },

  async refundPayment(account, userId, chargeId) {
    const params = { user_id: userId, telegram_payment_charge_id: chargeId }
    return asAct(await callBotApi(transport, account, 'refundStarPayment', params, { repeatable: true }))
  },

  async listTransactions(account, offset, limit) {
    const reply = await callBotApi(transport, account, 'getStarTransactions', { offset, limit }, { repeatable: true })
    return asValue(reply, (result) => {
      const rows = isObject(result) ? result['transactions'] : undefined
      return Array.isArray(rows) ? rows.flatMap(readTransaction) : undefined
    })
  },
})

const readTransaction = (row: unknown): readonly StarTransaction[] => {
  if (!isObject(row) || typeof row['id'] !== 'string' || !isInteger(row['amount']) || !isInteger(row['date'])) return []
  const source = isObject(row['source']) ? row['source'] : {}
  const payload = typeof source['invoice_payload'] === 'string' ? source['invoice_payload'] : null
  return [{ id: row['id'], stars: row['amount'], at: row['date'] * SECOND_MS, payload }]
}

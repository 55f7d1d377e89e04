import type { Update } from '@grammyjs/types'

import { createStarsProvider } from '#server/gateways/payments/adapters/telegram-stars.ts'
import type { RawCallback } from '#server/gateways/payments/payment-provider.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import type { CallFailure } from '#server/gateways/telegram/call-result.ts'
import { startSimulator } from '#simulator/index.ts'

import type { PaymentWorld } from './payment-world.ts'

const failed = (result: CallFailure) =>
  result.kind === 'rejected' || result.kind === 'account_lost'
    ? ({ kind: 'refused', code: result.reason } as const)
    : ({ kind: 'unavailable', reason: result.kind } as const)

const message = (value: unknown): RawCallback => ({ body: Buffer.from(JSON.stringify(value)), headers: {} })

/** Stars against the simulated Telegram, over HTTP; the bot answers every pre-checkout query with yes. */
export const openSimulatedStars = async (): Promise<PaymentWorld> => {
  const simulator = await startSimulator({ limits: false, seed: 11 })
  const { control } = simulator
  const bot = control.createBot({})
  const user = control.createUser({})
  control.openDialog({ userId: user.id, botId: bot.id })
  const api = createBotApi()
  const { stars, updateFeed } = api
  const account = { tenantId: 1, accountId: 1, kind: 'bot', token: bot.token, apiRoot: simulator.apiRoot } as const
  const links = new Map<string, string>()
  const callbacks: RawCallback[] = []
  let offset = 0

  const readUpdates = async () => {
    const reply = await updateFeed.getUpdates(account, { offset, waitSeconds: 0, limit: 100 })
    if (reply.kind !== 'done') throw new Error(`no updates: ${reply.kind}`)
    for (const raw of reply.value) {
      const update = raw as Update
      offset = update.update_id + 1
      const query = update.pre_checkout_query
      if (query) await stars.answerPreCheckout(account, query.id, null)
      if (update.message?.successful_payment) callbacks.push(message(update.message))
    }
    return reply.value.length
  }
  const providerFor = (token: string) =>
    createStarsProvider({
      async createInvoiceLink(invoice) {
        const result = await stars.createInvoiceLink({ ...account, token }, invoice)
        if (result.kind !== 'done') return failed(result)
        links.set(invoice.payload, result.value)
        return result
      },
      async refund(payer, chargeId) {
        const result = await stars.refundPayment(account, payer, chargeId)
        return result.kind === 'done' ? { kind: 'done', value: true } : failed(result)
      },
      async listTransactions(from) {
        const result = await stars.listTransactions(account, from, 100)
        return result.kind === 'done' ? result : failed(result)
      },
    })
  return {
    provider: providerFor(bot.token),
    stranger: providerFor('7999999999:AAstranger_has_no_bot_at_all_123456'),
    callbacks,
    payerTelegramId: user.id,
    async pay(reference) {
      control.payInvoice({ userId: user.id, botId: bot.id, link: links.get(reference) ?? '' })
      while ((await readUpdates()) > 0);
    },
    // What a message of the bot's own would need to be believed, without the payment.
    forge: () =>
      message({ successful_payment: { currency: 'XTR', total_amount: 350.5, invoice_payload: 'GCTEST234567' } }),
    setDown(isDown) {
      if (isDown) control.addFault({ kind: 'restart', times: 1_000 })
      else control.clearFaults({})
    },
    async close() {
      await api.close()
      await simulator.close()
    },
  }
}

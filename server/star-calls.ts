// Binds the selling bot to the payment provider for Stars: two gateways that do not know each other.
import type { SecretBox } from './base/secret.ts'
import type { Db } from './db/pool.ts'
import type { StarsCalls } from './gateways/payments/stars-calls.ts'
import type { CallFailure } from './gateways/telegram/call-result.ts'
import type { TelegramStars } from './gateways/telegram/stars.ts'
import { openAccount } from './modules/accounts/index.ts'

const failureOf = (result: CallFailure) => {
  switch (result.kind) {
    case 'retry':
    case 'unknown':
      return { kind: 'unavailable', reason: result.reason } as const
    case 'rejected':
    case 'account_lost':
      return { kind: 'refused', code: result.reason } as const
    case 'migrated':
      return { kind: 'refused', code: 'chat_migrated' } as const
  }
}

/** The calls of one account's bot; its token is opened for each call. */
export const bindStars = (
  deps: { readonly db: Db; readonly box: SecretBox; readonly stars: TelegramStars },
  accountId: number,
): StarsCalls => ({
  async createInvoiceLink(invoice) {
    const result = await deps.stars.createInvoiceLink(await openAccount(deps, accountId), invoice)
    return result.kind === 'done' ? result : failureOf(result)
  },
  async refund(payerTelegramId, chargeId) {
    const result = await deps.stars.refundPayment(await openAccount(deps, accountId), payerTelegramId, chargeId)
    return result.kind === 'done' ? { kind: 'done', value: true } : failureOf(result)
  },
  async listTransactions(offset) {
    const result = await deps.stars.listTransactions(await openAccount(deps, accountId), offset, 100)
    return result.kind === 'done' ? result : failureOf(result)
  },
})

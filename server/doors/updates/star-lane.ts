import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Translate } from '#server/base/translate.ts'
import type { PaymentProvider } from '#server/gateways/payments/payment-provider.ts'
import type { ActResult } from '#server/gateways/telegram/call-result.ts'
import type { InboxUpdate } from '#server/modules/accounts/index.ts'
import { type PaymentDeps, applyProviderEvent, mayPayWithStars } from '#server/modules/billing/index.ts'

import { answerLocale } from './intent.rules.ts'
import { preCheckoutUpdateShape, starMessageShape } from './telegram-shapes.ts'

export interface StarLaneDeps extends PaymentDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly translator: (locale: Locale) => Translate
  /** The provider for Stars and the account that sells for them; null while there is none. */
  readonly seller: { readonly accountId: number; readonly provider: PaymentProvider } | null
  readonly answer: (accountId: number, queryId: string, refusal: string | null) => Promise<ActResult>
}

/** Payments in Stars as updates bring them. */
export interface StarLane {
  /** Answers a pre-checkout query at its receipt, past every queue; does nothing for other values. Never throws. */
  readonly answerPreCheckout: (accountId: number, raw: unknown) => Promise<void>
  /** Applies a payment or refund told by a message, once by its charge id. Throws what makes another try worth it. */
  readonly recordPayment: (accountId: number, update: InboxUpdate) => Promise<void>
}

/** Telegram waits ten seconds for the answer: what is not known by then must not pass. */
const DECIDE_WITHIN_MS = 6_000

const within = async (work: Promise<boolean>, clock: Pick<Clock, 'sleep'>): Promise<boolean> => {
  const give = new AbortController()
  try {
    return await Promise.race([work, clock.sleep(DECIDE_WITHIN_MS, give.signal).then(() => false)])
  } finally {
    give.abort()
  }
}

/** The lane of an installation; `wait` is the machine's time, as Telegram's ten seconds are. */
export const createStarLane = (deps: StarLaneDeps, wait: Pick<Clock, 'sleep'>): StarLane => ({
  async answerPreCheckout(accountId, raw) {
    const parsed = preCheckoutUpdateShape.safeParse(raw)
    if (!parsed.success) return
    const { id, from, currency, total_amount: stars, invoice_payload: reference } = parsed.data.pre_checkout_query
    try {
      const question = { reference, accountId, stars, currency, at: deps.clock.now() }
      const isSeller = deps.seller?.accountId === accountId
      const isPayable = isSeller && (await within(mayPayWithStars(deps.db, question), wait))
      const refusal = isPayable ? null : deps.translator(answerLocale(from.language_code, 'en'))('orderClosed')
      const result = await deps.answer(accountId, id, refusal)
      if (result.kind !== 'done')
        deps.log.warn({ accountId, result: result.kind }, 'a pre-checkout query got no answer')
    } catch (error) {
      // Unanswered, Telegram cancels the payment: nobody pays for what could not be checked.
      deps.log.error({ accountId, err: error }, 'a pre-checkout query could not be checked')
    }
  },

  async recordPayment(accountId, update) {
    if (deps.seller?.accountId !== accountId || update.kind !== 'message') return
    const parsed = starMessageShape.safeParse(update.payload)
    if (!parsed.success) return
    const body = Buffer.from(JSON.stringify(parsed.data.message))
    const verdict = await deps.seller.provider.verifyCallback({ body, headers: {} })
    if (verdict.kind !== 'event') {
      deps.log.warn({ accountId, updateId: update.updateId, verdict: verdict.kind }, 'a payment in Stars is not ours')
      return
    }
    try {
      const payer = parsed.data.message.from?.id
      const origin = { at: deps.clock.now(), accountId, ...(payer !== undefined && { payerTelegramId: payer }) }
      const { outcome } = await applyProviderEvent(deps, verdict.event, origin)
      deps.log.info({ accountId, reference: verdict.event.reference, outcome }, 'a payment in Stars was applied')
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'unavailable') throw error
      deps.log.error({ accountId, updateId: update.updateId, err: error }, 'a payment in Stars belongs to no order')
    }
  },
})

import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Translate } from '#server/base/translate.ts'
import type { PaymentProvider } from '#server/gateways/payments/payment-provider.ts'
import type { ActResult } from '#server/gateways/telegram/call-result.ts'
import type { InboxUpdate } from '#server/modules/accounts/index.ts'
import { type PaymentDeps, applyProviderEvent, mayPayWithStars } from '#server/modules/billing/index.ts'
import { type PaymentRefusal, type StarNews, checkStarPayment, recordStarPayment } from '#server/modules/sales/index.ts'

import { answerLocale } from './intent.rules.ts'
import { type StarMessageShape, preCheckoutUpdateShape, starMessageShape } from './telegram-shapes.ts'

export interface StarLaneDeps extends PaymentDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly translator: (locale: Locale) => Translate
  /** The provider for Stars and the account that sells packages for them; null while there is none. */
  readonly seller: { readonly accountId: number; readonly provider: PaymentProvider } | null
  readonly answer: (accountId: number, queryId: string, refusal: string | null) => Promise<ActResult>
}

/** Payments in Stars as updates bring them: of packages, by the panel's bot, and of what tenants sell, by their own. */
export interface StarLane {
  /** Answers a pre-checkout query at its receipt, past every queue; does nothing for other values. Never throws. */
  readonly answerPreCheckout: (accountId: number, raw: unknown) => Promise<void>
  /** Applies a payment or refund told by a message, once by its charge id. Throws what makes another try worth it. */
  readonly recordPayment: (accountId: number, update: InboxUpdate) => Promise<void>
}

/** Telegram waits ten seconds for the answer: what is not known by then must not pass. */
const DECIDE_WITHIN_MS = 6_000

type Verdict = 'payable' | 'late' | PaymentRefusal

const within = async (work: Promise<Verdict>, clock: Pick<Clock, 'sleep'>): Promise<Verdict> => {
  const give = new AbortController()
  try {
    return await Promise.race([work, clock.sleep(DECIDE_WITHIN_MS, give.signal).then(() => 'late' as const)])
  } finally {
    give.abort()
  }
}

/** What the person reads who may not pay; what is nobody's order reads like one that is closed. */
const REFUSALS: Readonly<Record<Exclude<Verdict, 'payable'>, string>> = {
  unknown: 'orderClosed',
  late: 'sell.refused.late',
  paid: 'sell.refused.paid',
  cancelled: 'sell.refused.cancelled',
  expired: 'sell.refused.expired',
  mismatch: 'sell.refused.mismatch',
  foreign: 'sell.refused.foreign',
}

const judge = async (
  deps: StarLaneDeps,
  accountId: number,
  query: { readonly reference: string; readonly currency: string; readonly stars: number; readonly payer: number },
): Promise<Verdict> => {
  const { reference, currency, stars, payer } = query
  const at = deps.clock.now()
  const payment = { reference, accountId, stars, currency, payerTelegramId: payer }
  const refusal = await checkStarPayment(deps.db, payment, at)
  if (refusal !== 'unknown' || deps.seller?.accountId !== accountId) return refusal ?? 'payable'
  return (await mayPayWithStars(deps.db, { reference, accountId, stars, currency, at })) ? 'payable' : 'unknown'
}

/** The payment or refund that a message tells of, where it is in Stars and whole. */
const newsOf = ({ message }: StarMessageShape, accountId: number): StarNews | null => {
  const told = message.successful_payment ?? message.refunded_payment
  const kind = message.successful_payment ? 'paid' : 'refunded'
  // A refund is told by the bot itself; whose it was is known from the payment.
  if (told?.currency !== 'XTR' || (kind === 'paid' && message.from === undefined)) return null
  return {
    kind,
    reference: told.invoice_payload,
    accountId,
    stars: told.total_amount,
    currency: told.currency,
    payerTelegramId: message.from?.id ?? 0,
    chargeId: told.telegram_payment_charge_id,
  }
}

/** Applies what was paid to the panel's bot for a package. */
const recordPackagePayment = async (
  deps: StarLaneDeps,
  accountId: number,
  updateId: number,
  { message }: StarMessageShape,
): Promise<void> => {
  if (deps.seller?.accountId !== accountId)
    return deps.log.error({ accountId, updateId }, 'a payment in Stars belongs to no order')
  const body = Buffer.from(JSON.stringify(message))
  const verdict = await deps.seller.provider.verifyCallback({ body, headers: {} })
  if (verdict.kind !== 'event')
    return deps.log.warn({ accountId, updateId, verdict: verdict.kind }, 'a payment in Stars is not ours')
  try {
    const payer = message.from?.id
    const origin = { at: deps.clock.now(), accountId, ...(payer !== undefined && { payerTelegramId: payer }) }
    const { outcome } = await applyProviderEvent(deps, verdict.event, origin)
    deps.log.info({ accountId, reference: verdict.event.reference, outcome }, 'a payment in Stars was applied')
  } catch (error) {
    if (!(error instanceof AppError) || error.kind === 'unavailable') throw error
    deps.log.error({ accountId, updateId, err: error }, 'a payment in Stars belongs to no order')
  }
}

/** The lane of an installation; `wait` is the machine's time, as Telegram's ten seconds are. */
export const createStarLane = (deps: StarLaneDeps, wait: Pick<Clock, 'sleep'>): StarLane => ({
  async answerPreCheckout(accountId, raw) {
    const parsed = preCheckoutUpdateShape.safeParse(raw)
    if (!parsed.success) return
    const { id, from, currency, total_amount: stars, invoice_payload: reference } = parsed.data.pre_checkout_query
    try {
      const verdict = await within(judge(deps, accountId, { reference, currency, stars, payer: from.id }), wait)
      const t = deps.translator(answerLocale(from.language_code, 'en'))
      const result = await deps.answer(accountId, id, verdict === 'payable' ? null : t(REFUSALS[verdict]))
      if (result.kind !== 'done')
        deps.log.warn({ accountId, result: result.kind }, 'a pre-checkout query got no answer')
    } catch (error) {
      // Unanswered, Telegram cancels the payment: nobody pays for what could not be checked.
      deps.log.error({ accountId, err: error }, 'a pre-checkout query could not be checked')
    }
  },

  async recordPayment(accountId, update) {
    if (update.kind !== 'message') return
    const parsed = starMessageShape.safeParse(update.payload)
    if (!parsed.success) return
    const { updateId } = update
    const news = newsOf(parsed.data, accountId)
    const outcome = news === null ? 'unknown' : await recordStarPayment(deps, news, deps.clock.now())
    if (outcome === 'unknown') return recordPackagePayment(deps, accountId, updateId, parsed.data)
    deps.log.info({ accountId, reference: news?.reference, outcome }, 'a payment in Stars was applied to an order')
  },
})

import { type PackageName, PACKAGES, type PaymentProviderName } from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { PayerCard, TransferInstructions } from '#server/gateways/payments/payment-provider.ts'
import {
  type Money,
  type Payment,
  claimPayment,
  findTransferInstructions,
  getSubscription,
  listPayments,
  openOrder,
  packageOf,
  priceBy,
  startCheckout,
} from '#server/modules/billing/index.ts'
import {
  type OnboardingDeps,
  choosePaymentWay,
  claimOnboardingPayment,
  viewOnboarding,
} from '#server/modules/onboarding/index.ts'
import { findMember, requireCan } from '#server/modules/tenancy/index.ts'

import type { PageRequest } from './page-request.ts'

/** One package as it is offered here. */
export interface Offer {
  readonly package: PackageName
  readonly price: Money
}

/** What the payment page shows. */
export interface PayView {
  /** `claimed`: waits for a person to look; `done`: the package has begun. */
  readonly state: 'choosing' | 'paying' | 'claimed' | 'done' | 'over'
  /** What may be bought: one for a newcomer who has chosen, all that are sold for who renews. */
  readonly offers: readonly Offer[]
  readonly chosen: PackageName | null
  readonly ways: readonly PaymentProviderName[]
  readonly payment: Pick<Payment, 'reference' | 'provider' | 'asked' | 'expiresAt' | 'checkoutUrl'> | null
  readonly transfer: TransferInstructions | null
  /** Why the last claim was not believed, in the operator's words. */
  readonly refusal: string | null
}

export interface ChosenOrder {
  readonly provider: PaymentProviderName
  readonly package: PackageName
  readonly description: string
  readonly returnUrl: string
  readonly payer: PayerCard
}

/** Whoever pays here: a newcomer within their onboarding, or a member who renews. */
export interface Payer {
  view(): Promise<PayView>
  /** Opens the order; a page of the provider's is then in the view. Errors: those of the order and of the provider. */
  order(chosen: ChosenOrder): Promise<void>
  /** "I have paid". Errors: those of `claimPayment`. */
  claim(evidenceText: string): Promise<void>
}

export type PayDeps = Pick<
  OnboardingDeps,
  'db' | 'checkout' | 'accounts' | 'log' | 'payPageUrl' | 'quote' | 'checkAccount'
>

/** Telegram's Stars are paid in Telegram; everything else here. */
const waysHere = ({ checkout }: PayDeps): readonly PaymentProviderName[] =>
  [...checkout.providers.keys()].filter((provider) => provider !== 'stars')

/** Which payer a visit is. Errors: `unauthenticated/page_visit_over` for a link without a subject. */
export const payerOf = (deps: PayDeps, page: PageRequest): Payer => {
  const { onboardingId, tenantId } = page.visit
  if (onboardingId !== null) return newcomer(deps, page, onboardingId)
  if (tenantId !== null) return renewer(deps, page, tenantId)
  throw new AppError('unauthenticated', 'page_visit_over')
}

const newcomer = (deps: PayDeps, { visit, at }: PageRequest, onboardingId: number): Payer => {
  const owner = { onboardingId, telegramId: visit.telegramId, surface: 'web' } as const
  return {
    async view() {
      const view = await viewOnboarding(deps, owner)
      const { package: name, price, payment, transfer, refusal } = view
      const states = {
        package_selected: 'choosing',
        payment_pending: payment === null || payment.expiresAt <= at ? 'choosing' : 'paying',
        payment_claimed: 'claimed',
      } as const
      const waiting = view.state in states ? states[view.state as keyof typeof states] : null
      return {
        state: waiting ?? (view.isPaid ? 'done' : 'over'),
        offers: name === null || price === null ? [] : [{ package: name, price }],
        chosen: name,
        ways: view.ways.flatMap((way) => (way.kind === 'provider' ? [way.provider] : [])),
        payment,
        transfer,
        refusal,
      }
    },
    async order({ provider, ...checkout }) {
      await choosePaymentWay(deps, { ...owner, provider, checkout }, at)
    },
    async claim(evidenceText) {
      await claimOnboardingPayment(deps, { ...owner, evidenceText }, at)
    },
  }
}

/** An order that was decided this long ago is still what the visitor came for. */
const NEWS_MS = 30 * MINUTE_MS

const SOLD = PACKAGES.filter((name) => name !== 'trial' && packageOf(name).priceMinor !== null)

const renewer = (deps: PayDeps, page: PageRequest, tenantId: number): Payer => {
  const { visit, at, context } = page
  /** With the person's present rights: who was removed since the link was made may do nothing. */
  const within = <T>(work: (tx: Parameters<Parameters<typeof inTenant>[2]>[0], by: string) => Promise<T>) =>
    inTenant(deps.db, tenantId, async (tx) => {
      const member = await findMember(tx, visit.telegramId)
      requireCan(member === null ? { kind: 'nobody' } : { kind: 'member', role: member.role }, 'billing.pay')
      return work(tx, member === null ? '' : `member:${member.id}`)
    })
  const findLast = (payments: readonly Payment[]): Payment | null =>
    payments.find(
      ({ provider, state, expiresAt, decidedAt }) =>
        provider !== 'stars' &&
        (state === 'claimed' ||
          ((state === 'created' || state === 'pending') && expiresAt > at) ||
          ((state === 'approved' || state === 'paid') && decidedAt !== null && decidedAt > at - NEWS_MS)),
    ) ?? null
  const checkoutOf = (payment: Payment, by: string, chosen: Omit<ChosenOrder, 'provider' | 'package'>) =>
    startCheckout(deps.checkout, tenantId, { paymentId: payment.id, by, at, locale: context.locale, ...chosen })

  return {
    async view() {
      const { subscription, last, refused } = await within(async (tx) => {
        const payments = await listPayments(tx, {}, 20)
        const [newest] = payments
        return {
          subscription: await getSubscription(tx),
          last: findLast(payments),
          refused: newest?.state === 'rejected' ? newest.decisionNote : null,
        }
      })
      const { extraBots, package: current } = subscription
      const offers = SOLD.flatMap((name): readonly Offer[] => {
        const price = priceBy('transfer', { package: name, extraBots })
        return price === null ? [] : [{ package: name, price }]
      })
      const isTransfer = last?.provider === 'transfer' && last.state === 'created'
      const state =
        last === null
          ? 'choosing'
          : last.activatedAt !== null
            ? 'done'
            : last.state === 'claimed'
              ? 'claimed'
              : 'paying'
      return {
        state,
        offers,
        chosen: SOLD.find((name) => name === (last?.package ?? current)) ?? null,
        ways: waysHere(deps),
        payment: last,
        transfer: isTransfer ? await findTransferInstructions(deps.checkout, last, context.locale) : null,
        refusal: refused,
      }
    },
    async order({ provider, package: name, ...checkout }) {
      if (!waysHere(deps).includes(provider)) {
        throw invalid('word_expected', 'provider', { given: provider, words: waysHere(deps).join(', ') })
      }
      const { payment, by } = await within(async (tx, who) => {
        const { extraBots } = await getSubscription(tx)
        return { payment: await openOrder(tx, { provider, package: name, extraBots }, { by: who, at }), by: who }
      })
      await checkoutOf(payment, by, checkout)
    },
    claim: (evidenceText) =>
      within(async (tx, by) => {
        const last = findLast(await listPayments(tx, {}, 20))
        if (last === null) throw new AppError('conflict', 'payment_closed', { reference: '', state: 'expired' })
        await claimPayment(tx, { reference: last.reference, by, evidenceText, at })
      }),
  }
}

import { type OnboardingSurface, PAYMENT_PROVIDERS, type PaymentProviderName } from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import {
  CATALOGUE,
  type CheckoutRequest,
  type Payment,
  createPayment,
  getPayment,
  startCheckout,
} from '#server/modules/billing/index.ts'

import { type OnboardingOwner, applyMove, changing, decide, lockOwn } from './change-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import type { Onboarding } from './onboarding.rules.ts'
import { selectOnboarding } from './onboarding.store.ts'
import { type OnboardingView, presentOnboarding, waysOn } from './view-onboarding.ts'

export interface WayChoice extends OnboardingOwner {
  readonly provider: PaymentProviderName
  readonly surface: OnboardingSurface
  /** What the provider shows and needs; a plain description and the person's name alone when left out. */
  readonly checkout?: Partial<Pick<CheckoutRequest, 'description' | 'returnUrl' | 'payer'>>
}

/** What the person is shown: a page or invoice to open, or where to transfer to. */
export interface ChosenWay {
  readonly view: OnboardingView
  readonly checkout: Awaited<ReturnType<typeof startCheckout>>
}

/**
 * Opens an order by one way to pay and says where to pay; asked again for the same way it is the same order, for another
 * one the order before is closed. Errors: `not_found`, `conflict/payment_way_not_here` for a way this surface may not
 * offer, those of a step, of `createPayment` and of `startCheckout` (then the order stays, and asking again is right).
 */
export const choosePaymentWay = async (deps: OnboardingDeps, choice: WayChoice, at: number): Promise<ChosenWay> => {
  checkWay(deps, choice)
  const { provider, surface } = choice
  const { row, payment } = await changing(deps, async (tx, journal) => {
    const before = await lockOwn(tx, choice, at)
    const open = await findOpenOrder(tx, before, provider, at)
    if (open) return { row: before, payment: open }
    const command = { kind: 'choose_way' } as const
    const decision = decide(before, command)
    if (decision.kind === 'keep') throw new Error('choosing a way is never kept')
    const made = await openOrder(deps, tx, before, provider, at)
    const step = { command, at, surface, columns: { payment_id: made.id }, paymentExpiresAt: made.expiresAt }
    return { row: await applyMove(tx, journal, before, decision, step), payment: made }
  })
  const checkout = await startCheckout(deps.checkout, payment.tenantId, {
    paymentId: payment.id,
    by: `telegram:${row.telegramId}`,
    at,
    locale: row.locale,
    description: choice.checkout?.description ?? `Gavatcore ${payment.package}`,
    returnUrl: choice.checkout?.returnUrl ?? deps.payPageUrl ?? '',
    payer: choice.checkout?.payer ?? { name: row.name ?? '', email: null, phone: null, address: null, ip: null },
  })
  const after = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: row.id }))
  return { view: await presentOnboarding(deps, after ?? row, { surface }), checkout }
}

const checkWay = (deps: OnboardingDeps, { provider, surface }: WayChoice): void => {
  if (!PAYMENT_PROVIDERS.includes(provider))
    throw invalid('word_expected', 'provider', { given: provider, words: PAYMENT_PROVIDERS.join(', ') })
  if (!deps.checkout.providers.has(provider))
    throw new AppError('unavailable', 'payment_provider_off', { provider, field: provider })
  if (!waysOn(deps, surface).some((way) => way.kind === 'provider' && way.provider === provider))
    throw new AppError('conflict', 'payment_way_not_here', { provider, surface })
}

/** The order that is open by this way already. */
const findOpenOrder = async (
  tx: OperatorTx,
  row: Onboarding,
  provider: PaymentProviderName,
  at: number,
): Promise<Payment | null> => {
  if (row.state !== 'payment_pending' || row.paymentId === null) return null
  const payment = await getPayment(tx, { id: row.paymentId })
  const isOpen = (payment.state === 'created' || payment.state === 'pending') && payment.expiresAt > at
  return isOpen && payment.provider === provider ? payment : null
}

/** A new order of the tenant for what was chosen. Errors: `unavailable/payment_provider_off`, those of `createPayment`. */
export const openOrder = async (
  { quote }: Pick<OnboardingDeps, 'quote'>,
  tx: OperatorTx,
  row: Onboarding,
  provider: PaymentProviderName,
  at: number,
): Promise<Payment> => {
  const { tenantId, package: name, extraBots, telegramId } = row
  if (tenantId === null || name === null) throw new Error(`onboarding ${row.id} asks for money without a tenant`)
  const price = quote(provider, { package: name, extraBots })
  if (price === null) throw new AppError('unavailable', 'payment_provider_off', { provider, field: provider })
  return withinTenant(tx, tenantId, (inner) =>
    createPayment(
      inner,
      {
        provider,
        package: name,
        ...(extraBots > 0 && { addOns: { extra_bot: extraBots } }),
        periodDays: CATALOGUE.periodDays,
        ...price,
      },
      { by: `telegram:${telegramId}`, at },
    ),
  )
}

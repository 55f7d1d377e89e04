import type { PaymentProviderName } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { CheckoutOrder, CheckoutResult, PaymentProvider } from '#server/gateways/payments/payment-provider.ts'

import type { PaymentDeps } from './apply-provider-event.ts'
import { getPayment } from './list-payments.ts'
import type { Payment } from './payment.rules.ts'
import { lockPayment, updatePayment } from './payment.store.ts'
import { settlePayment } from './settle-payment.ts'

export interface CheckoutDeps extends PaymentDeps {
  /** The ways that are set up. */
  readonly providers: ReadonlyMap<PaymentProviderName, PaymentProvider>
  /** The account whose bot sells for Stars; null while none does. */
  readonly sellerAccountId: number | null
}

export interface CheckoutRequest extends Pick<CheckoutOrder, 'description' | 'locale' | 'returnUrl' | 'payer'> {
  readonly paymentId: number
  readonly by: string
  readonly at: number
}

/** The provider of a name. Errors: `unavailable/payment_provider_off` when it is not set up. */
export const requireProvider = (
  { providers }: Pick<CheckoutDeps, 'providers'>,
  name: PaymentProviderName,
): PaymentProvider => {
  const provider = providers.get(name)
  if (!provider) throw new AppError('unavailable', 'payment_provider_off', { provider: name, field: SETTINGS[name] })
  return provider
}

/** The setting that switches a provider on. */
const SETTINGS: Readonly<Record<PaymentProviderName, string>> = {
  transfer: 'IBAN_NUMBER',
  stars: 'STARS_ACCOUNT',
  stripe: 'STRIPE_SECRET_KEY',
  paytr: 'PAYTR_MERCHANT_ID',
  papara: 'PAPARA_API_KEY',
}

/**
 * Opens an order at its provider and says where to pay: a page, or instructions for a transfer. May be asked again while
 * the order is unpaid. Errors: `not_found`, `conflict/payment_closed`, `unavailable/payment_provider_off`,
 * `unavailable/payment_provider_unavailable`, `conflict/payment_provider_refused`.
 */
export const startCheckout = async (
  deps: CheckoutDeps,
  tenantId: number,
  request: CheckoutRequest,
): Promise<Exclude<CheckoutResult, { readonly kind: 'unavailable' | 'refused' }>> => {
  const { paymentId, by, at, description, locale, returnUrl, payer } = request
  const { provider: name } = await inTenant(deps.db, tenantId, (tx) => getPayment(tx, { id: paymentId }))
  const provider = requireProvider(deps, name)
  const payment = await inTenant(deps.db, tenantId, async (tx): Promise<Payment> => {
    const locked = await lockPayment(tx, { id: paymentId })
    if (!locked) throw new Error(`payment ${paymentId} vanished`)
    if (locked.expiresAt <= at)
      throw new AppError('conflict', 'payment_closed', { reference: locked.reference, state: 'expired' })
    // A transfer waits for its claim, not for a provider.
    if (name === 'transfer') return locked
    const columns = name === 'stars' ? { seller_account_id: deps.sellerAccountId } : {}
    return (await settlePayment(tx, locked, { act: { kind: 'hand_over' }, by, at, columns, activate: null })).payment
  })
  const { reference, asked, expiresAt } = payment
  const result = await provider.createCheckout({
    reference,
    ...asked,
    description,
    locale,
    expiresAt,
    returnUrl,
    payer,
  })
  if (result.kind === 'unavailable')
    throw new AppError('unavailable', 'payment_provider_unavailable', { provider: name, reason: result.reason })
  if (result.kind === 'refused')
    throw new AppError('conflict', 'payment_provider_refused', { provider: name, reason: result.code })
  if (result.kind === 'page') {
    const columns = { checkout_id: result.checkoutId, checkout_url: result.url }
    await inTenant(deps.db, tenantId, (tx) => updatePayment(tx, payment.id, columns))
  }
  return result
}

import type { Locale } from '#contract/words.ts'
import type { TransferInstructions } from '#server/gateways/payments/payment-provider.ts'

import type { Payment } from './payment.rules.ts'
import type { CheckoutDeps } from './start-checkout.ts'

const NOBODY = { name: '', email: null, phone: null, address: null, ip: null } as const

/** Where an order is to be transferred to; null while transfers are off. Opens nothing. */
export const findTransferInstructions = async (
  { providers }: Pick<CheckoutDeps, 'providers'>,
  { reference, asked, package: description, expiresAt }: Pick<Payment, 'reference' | 'asked' | 'package' | 'expiresAt'>,
  locale: Locale,
): Promise<TransferInstructions | null> => {
  const order = { reference, ...asked, description, locale, expiresAt, returnUrl: '', payer: NOBODY }
  const result = await providers.get('transfer')?.createCheckout(order)
  return result?.kind === 'instructions' ? result.instructions : null
}

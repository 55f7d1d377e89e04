import type { PaymentProviderName } from '#contract/words.ts'

import type { PaymentProvider, TransferInstructions } from '../payment-provider.ts'
import type { StarsCalls } from '../stars-calls.ts'
import { type PaparaSettings, createPaparaProvider } from './papara.ts'
import { type PaytrSettings, createPaytrProvider } from './paytr.ts'
import { type StripeSettings, createStripeProvider } from './stripe.ts'
import { createStarsProvider } from './telegram-stars.ts'
import { createTransferProvider } from './transfer.ts'

/** What each way needs; null for one that is off. */
export interface ProviderSetup {
  readonly transfer: TransferInstructions | null
  readonly stripe: StripeSettings | null
  readonly paytr: PaytrSettings | null
  readonly papara: Omit<PaparaSettings, 'callbackUrl'> | null
  readonly stars: StarsCalls | null
  /** Address of this server, without a trailing slash. */
  readonly publicUrl: string | null
}

/** The ways that are set up, by name. */
export const createPaymentProviders = (setup: ProviderSetup): ReadonlyMap<PaymentProviderName, PaymentProvider> => {
  const { transfer, stripe, paytr, papara, stars, publicUrl } = setup
  const providers = [
    stars && createStarsProvider(stars),
    transfer && createTransferProvider(transfer),
    stripe && createStripeProvider(stripe),
    paytr && createPaytrProvider(paytr),
    papara && publicUrl !== null
      ? createPaparaProvider({ ...papara, callbackUrl: `${publicUrl}/payments/papara/callback` })
      : null,
  ]
  return new Map(providers.flatMap((provider) => (provider ? [[provider.name, provider]] : [])))
}

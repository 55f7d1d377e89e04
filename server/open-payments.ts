// The ways to pay that are set up, and what a payment begins.
import type { SecretBox } from './base/secret.ts'
import type { PaymentSettings } from './payment-settings.ts'
import type { Db } from './db/pool.ts'
import { createPaymentProviders } from './gateways/payments/adapters/create-payment-providers.ts'
import type { TelegramStars } from './gateways/telegram/stars.ts'
import { type CheckoutDeps, activatePaidPackage } from './modules/billing/index.ts'
import { bindStars } from './star-calls.ts'

export interface PaymentParts {
  readonly db: Db
  readonly box: SecretBox
  readonly settings: PaymentSettings
  readonly publicUrl: string | null
  /** Without a bot that can sell there are no Stars. */
  readonly stars: TelegramStars | null
}

export interface OpenPayments extends CheckoutDeps {
  /** Lets this account's bot sell for Stars, unless the settings name another. */
  readonly sellWith: (accountId: number) => void
}

export const openPayments = ({ db, box, settings, publicUrl, stars }: PaymentParts): OpenPayments => {
  const { starsAccountId, ...ways } = settings
  let seller: number | null = null
  const off = { transfer: null, stripe: null, paytr: null, papara: null }
  const providers = new Map(createPaymentProviders({ ...ways, stars: null, publicUrl }))
  const sellWith = (accountId: number) => {
    if (stars === null || seller === accountId) return
    seller = accountId
    const calls = bindStars({ db, box, stars }, accountId)
    const sold = createPaymentProviders({ ...off, stars: calls, publicUrl }).get('stars')
    if (sold) providers.set('stars', sold)
  }
  if (starsAccountId !== null) sellWith(starsAccountId)
  return {
    db,
    providers,
    get sellerAccountId() {
      return seller
    },
    activate: activatePaidPackage,
    // The account of the settings sells before any other.
    sellWith: (accountId) => void (starsAccountId === null && sellWith(accountId)),
  }
}

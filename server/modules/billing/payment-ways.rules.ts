import type { PackageName, PaymentProviderName } from '#contract/words.ts'

import { CATALOGUE, packageOf } from './catalogue.rules.ts'
import { periodPriceMinor } from './subscription.rules.ts'

/** Where a person is shown how to pay. */
export type PaymentSurface = 'telegram' | 'web'

/** A way to pay. `link` leads to the web page that offers the others. */
export type PaymentWay =
  | { readonly kind: 'provider'; readonly provider: PaymentProviderName }
  | { readonly kind: 'link'; readonly url: string }

export interface OfferedWays {
  /** Providers that are set up. */
  readonly enabled: readonly PaymentProviderName[]
  /** Address of the web page that takes payments; null when this installation has none. */
  readonly payPageUrl: string | null
}

/**
 * The ways shown on a surface. Telegram's terms for developers (6.2) allow Stars alone for digital goods inside
 * Telegram, so everything else is one link to the web page there; Stars in turn can only be paid inside Telegram.
 */
export const listPaymentWays = (
  surface: PaymentSurface,
  { enabled, payPageUrl }: OfferedWays,
): readonly PaymentWay[] => {
  const outside = enabled.filter((provider) => provider !== 'stars')
  if (surface === 'web') return outside.map((provider) => ({ kind: 'provider', provider }))
  const stars: readonly PaymentWay[] = enabled.includes('stars') ? [{ kind: 'provider', provider: 'stars' }] : []
  return outside.length > 0 && payPageUrl !== null ? [...stars, { kind: 'link', url: payPageUrl }] : stars
}

/** What a period costs by one way to pay, with the same in the catalogue's currency. */
export interface PeriodPrice {
  readonly amountMinor: number
  readonly currency: string
  readonly priceMinor: number
}

/** The price of a period as `provider` takes it: whole Stars, rounded up, or the catalogue's money. Null where it is not sold so. */
export const priceBy = (
  provider: PaymentProviderName,
  wanted: { readonly package: PackageName; readonly extraBots: number },
): PeriodPrice | null => {
  if (packageOf(wanted.package).priceMinor === null || wanted.package === 'trial') return null
  const priceMinor = periodPriceMinor(wanted.package, wanted.extraBots)
  const { currency, minorPerStar } = CATALOGUE
  if (provider !== 'stars') return { amountMinor: priceMinor, currency, priceMinor }
  if (minorPerStar === null) return null
  return { amountMinor: Math.ceil(priceMinor / minorPerStar), currency: 'XTR', priceMinor }
}

import type { PaymentProviderName } from '#contract/words.ts'

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

import { invalid } from '#server/base/errors.ts'

import { STANDARD_FUNNEL } from './funnel.rules.ts'

/** How an account sells. */
export interface Selling {
  /** Offers by itself what somebody asked for. */
  readonly sellsByItself: boolean
  /** The funnel that new people begin in. */
  readonly funnel: string
  /** What a Star is worth in minor units of the product's currency; null sells for Stars only what has a price in them. */
  readonly minorPerStar: number | null
  /** Terms of sale in the tenant's own words; null for ours. */
  readonly terms: string | null
}

/** Nothing is sold by itself before somebody says so. */
export const DEFAULT_SELLING: Selling = {
  sellsByItself: false,
  funnel: STANDARD_FUNNEL,
  minorPerStar: null,
  terms: null,
}

const RATE_MAX = 1_000_000

/** Settings as they may be kept. Errors: `invalid/number_expected`, `invalid/text_too_long`. */
export const checkSelling = (given: Selling): Selling => {
  const { minorPerStar, terms } = given
  if (minorPerStar !== null && !(minorPerStar >= 0.01 && minorPerStar <= RATE_MAX))
    throw invalid('number_expected', 'minorPerStar', { given: String(minorPerStar), min: 0.01, max: RATE_MAX })
  const words = terms?.trim() ?? ''
  if (words.length > 1_000) throw invalid('text_too_long', 'terms', { max: 1_000 })
  return { ...given, terms: words === '' ? null : words }
}

import { createHash } from 'node:crypto'

import type { AccountKind, Fulfilment, Locale, OrderWay, ProductKind } from '#contract/words.ts'
import { FULFILMENTS, PRODUCT_KINDS } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

/** What it takes to sell one item of the catalogue; the price is the catalogue's. */
export interface ProductTerms {
  /** Inside Telegram digital goods are sold for Stars, and physical ones never are (telegram.org/tos/stars). */
  readonly kind: ProductKind
  /** The price in whole Stars; null asks the account's rate. */
  readonly stars: number | null
  readonly paymentLink: string | null
  readonly transferText: string | null
  readonly fulfilment: Fulfilment
  /** The text, Telegram's file id or the link that is handed over; null by hand. */
  readonly fulfilmentContent: string | null
}

/** An item of the catalogue as it is sold. */
export interface ProductOnSale extends ProductTerms {
  readonly name: string
  readonly priceMinor: number
  readonly currency: string
  /** Names item and price in a button: with another price it is another offer. */
  readonly key: string
}

/** What nobody said anything about is handed over by hand. */
export const BARE_TERMS: ProductTerms = {
  kind: 'digital',
  stars: null,
  paymentLink: null,
  transferText: null,
  fulfilment: 'hand',
  fulfilmentContent: null,
}

const KEY_LENGTH = 12

export const productKey = (item: { readonly name: string; readonly priceMinor: number; readonly currency: string }) =>
  createHash('sha256')
    .update(`${item.name}\u0000${item.priceMinor}\u0000${item.currency}`)
    .digest('hex')
    .slice(0, KEY_LENGTH)

/** Telegram sells nothing for more Stars (core.telegram.org/api/config, stars_paid_post_amount_max apart). */
const STARS_MAX = 100_000

/**
 * The price in whole Stars: the product's own, else by the rate, rounded up; null where there is neither, or the rate is
 * in another currency than the price.
 */
export const starsOf = (
  { stars, priceMinor, currency }: Pick<ProductOnSale, 'stars' | 'priceMinor' | 'currency'>,
  rate: { readonly minorPerStar: number; readonly currency: string } | null,
): number | null => {
  if (stars !== null) return stars
  if (rate === null || rate.currency !== currency) return null
  const worth = Math.ceil(priceMinor / rate.minorPerStar)
  return worth >= 1 && worth <= STARS_MAX ? worth : null
}

/**
 * How a product may be paid on an account: digital goods for Stars where the account can take them, elsewhere by link;
 * physical goods by link, else by transfer. Null where nothing is set up.
 */
export const wayOf = (
  product: Pick<ProductOnSale, 'kind' | 'paymentLink' | 'transferText'>,
  { accountKind, stars }: { readonly accountKind: AccountKind; readonly stars: number | null },
): OrderWay | null => {
  if (product.kind === 'digital' && accountKind === 'bot') return stars === null ? null : 'stars'
  if (product.paymentLink !== null) return 'link'
  return product.transferText === null ? null : 'transfer'
}

const LINK_MAX = 1_000

const httpsLink = (field: string, given: string): string => {
  const url = given.trim()
  const isHttps = url.length <= LINK_MAX && URL.canParse(url) && new URL(url).protocol === 'https:'
  if (!isHttps || new URL(url).username !== '' || /\s/.test(url)) throw invalid('product_link', field)
  return url
}

const wholeText = (field: string, given: string, max: number): string => {
  const text = given.trim()
  if (text === '') throw invalid('text_missing', field)
  if (text.length > max) throw invalid('text_too_long', field, { max })
  if (text.includes('\u0000') || !text.isWellFormed()) throw invalid('text_broken_characters', field)
  return text
}

const optional = <T>(given: string | null, check: (text: string) => T): T | null =>
  given === null || given.trim() === '' ? null : check(given)

const contentOf = (fulfilment: Fulfilment, given: string | null): string | null => {
  if (fulfilment === 'hand') return null
  const field = 'fulfilmentContent'
  if (given === null) throw invalid('text_missing', field)
  if (fulfilment === 'link') return httpsLink(field, given)
  if (fulfilment === 'text') return wholeText(field, given, 3_000)
  const id = given.trim()
  if (!/^[\w-]{10,300}$/.test(id)) throw invalid('product_file_id', field)
  return id
}

/** Terms as they may be kept. Errors: `invalid` naming the field. */
export const checkTerms = (given: ProductTerms): ProductTerms => {
  if (!PRODUCT_KINDS.includes(given.kind)) throw invalid('unknown_word', 'kind', { allowed: PRODUCT_KINDS.join(', ') })
  if (!FULFILMENTS.includes(given.fulfilment))
    throw invalid('unknown_word', 'fulfilment', { allowed: FULFILMENTS.join(', ') })
  const { kind, stars, fulfilment } = given
  if (stars !== null && (!Number.isInteger(stars) || stars < 1 || stars > STARS_MAX))
    throw invalid('whole_number_expected', 'stars', { given: String(stars).slice(0, 40), min: 1, max: STARS_MAX })
  if (kind === 'physical' && stars !== null) throw invalid('product_stars_physical', 'stars')
  return {
    kind,
    stars,
    paymentLink: optional(given.paymentLink, (text) => httpsLink('paymentLink', text)),
    transferText: optional(given.transferText, (text) => wholeText('transferText', text, 1_000)),
    fulfilment,
    fulfilmentContent: contentOf(fulfilment, given.fulfilmentContent),
  }
}

/** An amount in minor units as the reader's language writes it; Stars as they are shown in Telegram. */
export const moneyText = (
  { priceMinor, currency }: { readonly priceMinor: number; readonly currency: string },
  locale: Locale,
): string => {
  if (currency === 'XTR') return `⭐ ${new Intl.NumberFormat(locale).format(priceMinor)}`
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: priceMinor % 100 === 0 ? 0 : 2,
    maximumFractionDigits: 2,
  }).format(priceMinor / 100)
}

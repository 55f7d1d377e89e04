import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import type { ReplyInput } from '#server/modules/delivery/index.ts'

import { type ForSale, findForSale } from './find-for-sale.ts'
import type { LocalText } from './funnel.rules.ts'
import { type ProductOnSale, moneyText, starsOf, wayOf } from './product.rules.ts'
import { listOffered, recordOffers } from './product.store.ts'
import { type Listener, fillText, isolate, speak } from './speak.ts'

/** The same is not offered to the same person within this time. */
const OFFER_AGAIN_MS = DAY_MS
/** As many as can be told apart under one message. */
const OFFERED_MAX = 5
const LABEL_MAX = 64

type Rows = NonNullable<ReplyInput['buttons']>

/** The rate at which Stars stand for an item's price. */
export const rateOf = ({ selling }: ForSale, { currency }: ProductOnSale) =>
  selling.minorPerStar === null ? null : { minorPerStar: selling.minorPerStar, currency }

const priceOf = (product: ProductOnSale, { locale }: Listener): string => isolate(moneyText(product, locale))

const buyButtons = async (
  tx: TenantTx,
  sale: ForSale,
  products: readonly ProductOnSale[],
  { accountId, t }: Listener,
): Promise<Rows> => {
  const { kind } = await getAccount(tx, accountId)
  const payable = products.filter(
    (product) => wayOf(product, { accountKind: kind, stars: starsOf(product, rateOf(sale, product)) }) !== null,
  )
  return payable.map((product) => {
    const label = payable.length === 1 ? t('bot:button.order_buy') : t('bot:sell.buyNamed', { product: product.name })
    return [{ text: Array.from(label).slice(0, LABEL_MAX).join(''), action: `order_buy:${product.key}` }]
  })
}

const wordsOf = (texts: LocalText | undefined, products: readonly ProductOnSale[], listener: Listener): string => {
  const { t, locale, firstName: name, senderName: sender } = listener
  const [only] = products
  const lines = products.map((product) =>
    t('bot:prices.line', { name: isolate(product.name), price: priceOf(product, listener) }),
  )
  if (!texts || !only) return lines.join('\n')
  return fillText(texts, locale, { product: only.name, price: moneyText(only, locale), name, sender })
}

export interface OfferInput {
  /** Names of the catalogue in the order of preference; all of it when empty. */
  readonly wanted: readonly string[]
  /** A funnel's own words; ours when left out. */
  readonly text?: LocalText | undefined
  readonly dedupeKey: string
  readonly at: number
}

/**
 * Shows what was asked for with its price and the ways on: to buy, or to write to a person; says that it is an automatic
 * answer. What somebody was offered within a day is left out. Returns whether anything was said.
 */
export const offerProducts = async (tx: TenantTx, listener: Listener, input: OfferInput): Promise<boolean> => {
  const sale = await findForSale(tx, listener.accountId, input.at)
  const asked =
    input.wanted.length === 0 ? sale.products : sale.products.filter(({ name }) => input.wanted.includes(name))
  const known = await listOffered(tx, listener, input.at - OFFER_AGAIN_MS)
  const products = asked.filter(({ name }) => !known.has(name)).slice(0, OFFERED_MAX)
  if (products.length === 0) return false
  const { t, senderName } = listener
  const said = await speak(tx, listener, {
    text: [wordsOf(input.text, products, listener), t('bot:sell.automatic', { sender: isolate(senderName) })].join(
      '\n\n',
    ),
    buttons: [...(await buyButtons(tx, sale, products, listener)), [{ text: t('bot:button.human'), action: 'human' }]],
    messageClass: 'reply',
    dedupeKey: input.dedupeKey,
    at: input.at,
  })
  if (said === null) return false
  const names = products.map(({ name }) => name)
  await recordOffers(tx, listener, names, input.at)
  return true
}

/** Reminds somebody gently of what they asked about: no price is made more pressing, and the way out is beside it. */
export const remindOfProduct = async (
  tx: TenantTx,
  listener: Listener,
  input: Omit<OfferInput, 'wanted'> & { readonly product: string | null },
): Promise<boolean> => {
  const sale = await findForSale(tx, listener.accountId, input.at)
  const product = sale.products.find(({ name }) => name === input.product)
  if (!product) return false
  const { t, locale, firstName: name, senderName: sender } = listener
  const price = moneyText(product, locale)
  const text = input.text
    ? fillText(input.text, locale, { product: product.name, price, name, sender })
    : t('bot:sell.reminder', { product: isolate(product.name), price: isolate(price), sender: isolate(sender) })
  const said = await speak(tx, listener, {
    text,
    buttons: [
      ...(await buyButtons(tx, sale, [product], listener)),
      [
        { text: t('bot:button.human'), action: 'human' },
        { text: t('bot:button.stop'), action: 'stop' },
      ],
    ],
    messageClass: 'reply',
    dedupeKey: input.dedupeKey,
    at: input.at,
  })
  return said !== null
}

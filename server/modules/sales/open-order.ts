import { randomBytes } from 'node:crypto'

import type { OrderWay } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { type ForSale, findForSale } from './find-for-sale.ts'
import { mayUseFunnel } from './may-use-funnel.ts'
import { rateOf } from './offer-products.ts'
import { OPEN, ORDER_OPEN_MS, type Order } from './order.rules.ts'
import { insertOrder, selectOrder, selectOrders } from './order.store.ts'
import { type ProductOnSale, moneyText, starsOf, wayOf } from './product.rules.ts'
import { type Walker, lockOpenRun } from './run.store.ts'
import { settleOrder } from './settle-order.ts'
import { type Listener, type Translator, findListener, isolate, speak } from './speak.ts'

export interface Press extends Walker {
  /** Of the product and its price, as the button has it. */
  readonly key: string
  /** Names the press: told twice, it is one order. */
  readonly pressKey: string
  readonly translator: Translator
  readonly at: number
}

/**
 * `changed`: the product or its price is not what the button showed. `no_way`: nobody set up how it is paid.
 * `off`: the package sells nothing.
 */
export type OpenedOrder =
  | { readonly kind: 'opened'; readonly order: Order }
  | { readonly kind: 'changed' | 'no_way' | 'off' }

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A name for an order that says nothing and cannot be guessed: 80 bits. */
const newReference = (): string =>
  `SO${[...randomBytes(16)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('')}`

/** An order that is open and asks for the same is the same order. */
const findOpen = async (
  tx: TenantTx,
  { contactId, accountId, at }: Press,
  product: ProductOnSale,
  asked: Asked,
): Promise<Order | null> => {
  const open = await selectOrders(tx, { contactId, states: OPEN }, 20)
  const isSame = (order: Order) =>
    order.accountId === accountId &&
    order.product === product.name &&
    order.priceMinor === product.priceMinor &&
    order.currency === product.currency &&
    order.way === asked.way &&
    order.askedMinor === asked.minor &&
    order.expiresAt > at
  return open.find(isSame) ?? null
}

interface Asked {
  readonly way: OrderWay
  readonly minor: number
  readonly currency: string
}

const askedOf = async (
  tx: TenantTx,
  accountId: number,
  sale: ForSale,
  product: ProductOnSale,
): Promise<Asked | null> => {
  const { kind } = await getAccount(tx, accountId)
  const stars = starsOf(product, rateOf(sale, product))
  const way = wayOf(product, { accountKind: kind, stars })
  if (way === 'stars' && stars !== null) return { way, minor: stars, currency: 'XTR' }
  return way === null ? null : { way, minor: product.priceMinor, currency: product.currency }
}

const createOrder = async (tx: TenantTx, press: Press, product: ProductOnSale, asked: Asked): Promise<Order> => {
  const { accountId, contactId, pressKey, at } = press
  const run = await lockOpenRun(tx, press)
  const created = await insertOrder(tx, {
    reference: newReference(),
    accountId,
    contactId,
    runId: run?.id ?? null,
    pressKey,
    product: product.name,
    priceMinor: product.priceMinor,
    currency: product.currency,
    way: asked.way,
    askedMinor: asked.minor,
    askedCurrency: asked.currency,
    fulfilment: product.fulfilment,
    fulfilmentContent: product.fulfilmentContent,
    at,
    expiresAt: at + ORDER_OPEN_MS,
  })
  const order = created ?? (await selectOrder(tx, { pressKey }))
  if (!order) throw new Error('an order is in the way of another and is not there')
  return order
}

/** How it is paid, in the words of the tenant where these are the tenant's to say. */
const askForPayment = async (tx: TenantTx, order: Order, product: ProductOnSale, listener: Listener, press: Press) => {
  const { t, locale, senderName } = listener
  const shown = { product: isolate(order.product), reference: order.reference, sender: isolate(senderName) }
  const price = isolate(moneyText({ priceMinor: order.askedMinor, currency: order.askedCurrency }, locale))
  const transfer = order.way === 'transfer' ? [escapeText(product.transferText ?? '')] : []
  const link = order.way === 'link' ? [[{ text: t('bot:sell.pay'), url: product.paymentLink ?? '' }]] : []
  const said = { messageClass: 'transactional', at: press.at } as const
  await speak(tx, listener, {
    ...said,
    text: [t(`bot:sell.ask.${order.way}`, { ...shown, price }), ...transfer, t('bot:sell.terms_short')].join('\n\n'),
    buttons: [
      ...link,
      [
        { text: t('bot:button.order_cancel'), action: `order_cancel:${order.reference}` },
        { text: t('bot:button.human'), action: 'human' },
      ],
    ],
    dedupeKey: `${press.pressKey}:ask`,
  })
  if (order.way !== 'stars') return
  const cut = (text: string, max: number) => Array.from(text).slice(0, max).join('')
  const invoice = {
    title: cut(order.product, 32),
    description: cut(t('bot:sell.invoice', { product: order.product, sender: senderName }), 255),
    payload: order.reference,
    stars: order.askedMinor,
  }
  await speak(tx, listener, {
    ...said,
    text: escapeText(invoice.description),
    invoice,
    dedupeKey: `${press.pressKey}:invoice`,
  })
}

/**
 * Opens the order that a press asks for and shows how it is paid: one order for a press, and one for somebody who presses
 * again while it is open. The price is the catalogue's at this moment, and the one the button showed. Locks the contact's
 * run. Errors: `not_found` for an account of somebody else.
 */
export const openOrder = async (tx: TenantTx, press: Press): Promise<OpenedOrder> => {
  const { accountId, contactId, key, translator, at } = press
  if (!(await mayUseFunnel(tx, 'standard', at))) return { kind: 'off' }
  const sale = await findForSale(tx, accountId, at)
  const product = sale.products.find((one) => one.key === key)
  if (!product) return { kind: 'changed' }
  const asked = await askedOf(tx, accountId, sale, product)
  const listener = await findListener(tx, { accountId, contactId }, translator)
  if (!asked || !listener) return { kind: 'no_way' }
  const order = (await findOpen(tx, press, product, asked)) ?? (await createOrder(tx, press, product, asked))
  await askForPayment(tx, order, product, listener, press)
  return { kind: 'opened', order: await settleOrder(tx, order, { act: 'ask', by: 'contact', at, translator }) }
}

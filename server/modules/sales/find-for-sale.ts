import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findVoice } from '#server/modules/conversations/index.ts'

import { BARE_TERMS, type ProductOnSale, productKey } from './product.rules.ts'
import { findStoredSelling, listTerms } from './product.store.ts'
import { DEFAULT_SELLING, type Selling } from './selling.rules.ts'

export interface ForSale {
  readonly selling: Selling
  /** In the order of the catalogue. */
  readonly products: readonly ProductOnSale[]
}

/** An item as the persona's catalogue has it. */
interface Item {
  readonly name: string
  readonly priceMinor: number
  readonly currency: string
}

/** What the account's contacts are told prices of; without a catalogue the product alone, under the name of its terms. */
const catalogueOf = async (
  tx: TenantTx,
  accountId: number,
  names: readonly string[],
  at: number,
): Promise<readonly Item[]> => {
  const voice = await findVoice(tx, accountId, at)
  const catalogue = voice?.persona?.facts.catalogue ?? []
  const [only, ...others] = names
  if (catalogue.length > 0 || !voice?.settings || only === undefined || others.length > 0) return catalogue
  return [{ name: only, priceMinor: voice.settings.productPriceMinor, currency: voice.settings.productCurrency }]
}

/**
 * What an account sells at `at` and how. Prices are the catalogue's, read now; what costs nothing, or is not in the
 * catalogue any more, is not for sale.
 */
export const findForSale = async (tx: TenantTx, accountId: number, at: number): Promise<ForSale> => {
  const selling = (await findStoredSelling(tx, accountId)) ?? DEFAULT_SELLING
  const terms = await listTerms(tx, accountId)
  const items = await catalogueOf(
    tx,
    accountId,
    terms.map(({ name }) => name),
    at,
  )
  const byName = new Map(terms.map((one) => [one.name, one]))
  const first = new Map(items.map((item) => [item.name, item]).toReversed() as [string, Item][])
  return {
    selling,
    products: items
      .filter((item) => item.priceMinor > 0 && first.get(item.name) === item)
      .map((item) => ({ ...BARE_TERMS, ...byName.get(item.name), ...item, key: productKey(item) })),
  }
}

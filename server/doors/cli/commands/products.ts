import { FULFILMENTS, PRODUCT_KINDS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount, listAccounts } from '#server/modules/accounts/index.ts'
import {
  type ProductOnSale,
  type ProductTerms,
  type Selling,
  findForSale,
  setProduct,
  setSelling,
} from '#server/modules/sales/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'
import { paint } from '../terminal.ts'
import { asOwner } from './members.ts'

interface Shop {
  readonly accountId: number
  readonly name: string
  readonly selling: Selling
  readonly products: readonly ProductOnSale[]
}

const readShop = async (tx: TenantTx, accountId: number, at: number): Promise<Shop> => {
  const { displayName: name } = await getAccount(tx, accountId)
  return { accountId, name, ...(await findForSale(tx, accountId, at)) }
}

const renderShop = ({ t, terminal, formats }: CliContext, { accountId, name, selling, products }: Shop): string => {
  const { sellsByItself, funnel, minorPerStar } = selling
  const head = paint(terminal, 'bold', `${accountId} · ${name}`)
  const rate = minorPerStar === null ? '–' : String(minorPerStar / 100)
  const settings = t(sellsByItself ? 'products.byItself' : 'products.notByItself', { funnel, rate })
  const table = renderTable(
    terminal,
    [
      { title: t('orders.product'), value: (row) => row.name },
      { title: t('orders.price'), value: (row) => formats.money(row.priceMinor, row.currency), align: 'right' },
      { title: t('column.kind'), value: (row) => t(`words:productKind.${row.kind}`) },
      { title: t('words:orderWay.stars'), value: (row) => row.stars ?? '–', align: 'right' },
      { title: t('words:orderWay.link'), value: (row) => row.paymentLink ?? '–' },
      { title: t('words:orderWay.transfer'), value: (row) => (row.transferText === null ? '–' : '✓') },
      { title: t('orders.fulfilment'), value: (row) => t(`words:fulfilment.${row.fulfilment}`) },
    ],
    products,
    t('products.none', { id: accountId }),
  )
  return [head, settings, table].join('\n')
}

const list = command({
  name: 'list',
  run: (context) =>
    context.read(async (tx) => {
      const shops: Shop[] = []
      for (const { id, state, purpose } of await listAccounts(tx))
        if (state !== 'disconnected' && purpose === 'contacts') shops.push(await readShop(tx, id, context.now()))
      return shops
    }),
  render: (context, shops) =>
    shops.length === 0 ? context.t('accounts.none') : shops.map((shop) => renderShop(context, shop)).join('\n\n'),
})

const termsIn = (input: CommandInput): Partial<ProductTerms> => {
  const kind = input.oneOf('goods', PRODUCT_KINDS)
  const fulfilment = input.oneOf('fulfilment', FULFILMENTS)
  const stars = input.whole('stars', 0, 100_000)
  const [paymentLink, transferText, fulfilmentContent] = ['payment-link', 'transfer-text', 'content'].map((name) =>
    input.text(name),
  )
  return {
    ...(kind !== null && { kind }),
    ...(fulfilment !== null && { fulfilment }),
    // Nought takes the price in Stars away: the account's rate holds then.
    ...(stars !== null && { stars: stars === 0 ? null : stars }),
    ...(paymentLink != null && { paymentLink }),
    ...(transferText != null && { transferText }),
    ...(fulfilmentContent != null && { fulfilmentContent }),
  }
}

const set = command({
  name: 'set',
  args: [{ name: 'account' }, { name: 'product' }],
  options: [
    { name: 'goods', value: 'digital|physical' },
    { name: 'stars', value: 'count' },
    { name: 'payment-link', value: 'https://…' },
    { name: 'transfer-text', value: 'text' },
    { name: 'fulfilment', value: 'text|file|link|hand' },
    { name: 'content', value: 'text' },
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const accountId = input.id('account')
      const product = { accountId, name: input.arg('product'), change: termsIn(input) }
      await setProduct(tx, product, asOwner(context))
      return readShop(tx, accountId, context.now())
    }),
  render: renderShop,
})

const sellingIn = (input: CommandInput): Partial<Selling> => {
  const [byItself, funnel, terms] = [input.oneOf('by-itself', ['on', 'off']), input.text('funnel'), input.text('terms')]
  const rate = input.number('star-rate', 0, 10_000)
  return {
    ...(byItself !== null && { sellsByItself: byItself === 'on' }),
    ...(funnel !== null && { funnel }),
    ...(rate !== null && { minorPerStar: rate === 0 ? null : rate * 100 }),
    ...(terms !== null && { terms }),
  }
}

const selling = command({
  name: 'selling',
  args: [{ name: 'account' }],
  options: [
    { name: 'by-itself', value: 'on|off' },
    { name: 'funnel', value: 'name' },
    { name: 'star-rate', value: 'amount' },
    { name: 'terms', value: 'text' },
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const accountId = input.id('account')
      await setSelling(tx, accountId, sellingIn(input), asOwner(context))
      return readShop(tx, accountId, context.now())
    }),
  render: renderShop,
})

export const products: CommandGroup = { name: 'products', commands: [list, set, selling] }

import { type Locale, ORDER_STATES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type Order,
  type OrderView,
  cancelOrder,
  fulfilOrder,
  getOrder,
  listOrders,
  markOrderPaid,
  refundOrder,
  showOrder,
} from '#server/modules/sales/index.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { asOwner } from './members.ts'

const stateOf = ({ t }: CliContext, { state, reviewReason }: Order): string => {
  const words = t(`words:orderState.${state}`)
  return reviewReason === null ? words : `${words}: ${t(`words:orderReview.${reviewReason}`)}`
}

const priceOf = ({ formats }: CliContext, { priceMinor, currency }: Order): string =>
  formats.money(priceMinor, currency)
const askedOf = ({ formats }: CliContext, { askedMinor, askedCurrency }: Order): string =>
  formats.money(askedMinor, askedCurrency)

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: 'state' },
    { name: 'review' },
    { name: 'contact-id', value: 'id' },
    { name: 'limit', value: 'count' },
    { name: 'before', value: 'id' },
  ],
  run: (context, input) => {
    const state = input.oneOf('state', ORDER_STATES)
    const [contactId, beforeId] = ['contact-id', 'before'].map((name) => input.whole(name, 1, Number.MAX_SAFE_INTEGER))
    const filter = {
      ...(state !== null && { states: [state] }),
      ...(input.isOn('review') && { needsReview: true }),
      ...(contactId != null && { contactId }),
      ...(beforeId != null && { beforeId }),
    }
    return context.read((tx) => listOrders(tx, filter, input.whole('limit', 1, 500) ?? 50))
  },
  render: (context, rows) => {
    const { t, terminal, formats, now } = context
    return renderTable(
      terminal,
      [
        { title: t('column.id'), value: (row) => row.id, align: 'right' },
        { title: t('payments.reference'), value: (row) => row.reference },
        { title: t('orders.product'), value: (row) => row.product },
        { title: t('orders.price'), value: (row) => priceOf(context, row), align: 'right' },
        { title: t('payments.way'), value: (row) => t(`words:orderWay.${row.way}`) },
        { title: t('column.contact'), value: (row) => row.contactId ?? '–', align: 'right' },
        { title: t('column.state'), value: (row) => stateOf(context, row) },
        { title: t('payments.created'), value: (row) => formats.relative(row.createdAt, now()) },
      ],
      rows,
      t('orders.none'),
    )
  },
})

/** By number or by reference, whatever its case. */
const keyOf = (given: string) => {
  const name = given.trim().toUpperCase()
  return /^\d+$/.test(name) ? { id: Number(name) } : { reference: name }
}
const find = (tx: TenantTx, input: CommandInput): Promise<Order> => getOrder(tx, keyOf(input.arg('order')))

const renderCharges = ({ t, terminal, formats, now }: CliContext, { charges }: OrderView): string =>
  renderTable(
    terminal,
    [
      { title: t('orders.charge'), value: (row) => row.chargeId },
      { title: t('payments.received'), value: (row) => formats.money(row.stars, 'XTR'), align: 'right' },
      {
        title: t('column.state'),
        value: (row) => t(row.outcome === 'settled' ? 'orders.settled' : `words:orderReview.${row.outcome}`),
      },
      { title: t('column.received'), value: (row) => formats.relative(row.receivedAt, now()) },
      {
        title: t('orders.returned'),
        value: (row) => (row.refundedAt === null ? (row.refundFailed ?? '–') : formats.relative(row.refundedAt, now())),
      },
    ],
    charges,
    '',
  )

const show = command({
  name: 'show',
  args: [{ name: 'order' }],
  run: (context, input) => context.read((tx) => showOrder(tx, keyOf(input.arg('order')))),
  render: (context, order) => {
    const { t, terminal, formats, now } = context
    const momentOf = (at: number | null) => (at === null ? '–' : formats.relative(at, now()))
    const pairs = renderPairs(terminal, [
      [t('payments.reference'), order.reference],
      [t('orders.product'), order.product],
      [t('orders.price'), priceOf(context, order)],
      [t('payments.asked'), askedOf(context, order)],
      [t('payments.way'), t(`words:orderWay.${order.way}`)],
      [t('column.account'), String(order.accountId)],
      [t('column.contact'), order.contactId === null ? '–' : String(order.contactId)],
      [t('column.state'), stateOf(context, order)],
      [t('payments.created'), momentOf(order.createdAt)],
      [t('orders.paid'), order.paidAt === null ? '–' : `${order.paidBy ?? ''} · ${momentOf(order.paidAt)}`],
      [t('orders.fulfilment'), t(`words:fulfilment.${order.fulfilment}`)],
      [t('orders.fulfilled'), momentOf(order.fulfilledAt)],
    ])
    return [pairs, renderCharges(context, order)].filter(Boolean).join('\n\n')
  },
})

/** Texts for people in their own language. */
const textsOf =
  ({ host }: CliContext) =>
  (locale: Locale) =>
    host.translator(locale)

const sayState = (context: CliContext, order: Order): string =>
  context.t('payments.isNow', { reference: order.reference, state: stateOf(context, order) })

type Act = (
  tx: TenantTx,
  decision: { readonly orderId: number; readonly translator: ReturnType<typeof textsOf> },
  actor: ActingPerson,
) => Promise<Order>

/** One act of a member's on one order, asked about first. */
const acting = (name: string, question: string, act: Act) =>
  command({
    name,
    args: [{ name: 'order' }],
    run: async (context, input) => {
      const found = await context.read((tx) => find(tx, input))
      const { reference, product } = found
      await context.confirm(context.t(question, { reference, product, amount: askedOf(context, found) }))
      const decision = { orderId: found.id, translator: textsOf(context) }
      return context.change((tx) => act(tx, decision, asOwner(context)))
    },
    render: sayState,
  })

const refund = command({
  name: 'refund',
  args: [{ name: 'order' }],
  options: [{ name: 'by-hand' }],
  run: async (context, input) => {
    // Money that went back cannot be undone, so there is nothing to rehearse.
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const found = await context.read((tx) => find(tx, input))
    const { reference } = found
    await context.confirm(context.t('payments.refundSure', { reference, amount: askedOf(context, found) }))
    const isSentByHand = input.isOn('by-hand')
    const db = await context.db()
    const translator = textsOf(context)
    const { box, stars } = await context.host.telegram()
    const { id: tenantId } = await context.tenant()
    const deps = { db, box, stars: stars ?? null, translator }
    return refundOrder(deps, tenantId, { orderId: found.id, isSentByHand }, asOwner(context))
  },
  render: sayState,
})

export const orders: CommandGroup = {
  name: 'orders',
  commands: [
    list,
    show,
    acting('paid', 'orders.paidSure', markOrderPaid),
    acting('fulfil', 'orders.fulfilSure', fulfilOrder),
    refund,
    acting('cancel', 'orders.cancelSure', cancelOrder),
  ],
}

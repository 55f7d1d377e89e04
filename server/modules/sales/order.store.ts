import { type Selectable, type Updateable, sql } from 'kysely'

import type { Fulfilment, OrderReviewReason, OrderState, OrderWay } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { SalesOrderTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { OPEN, type Order } from './order.rules.ts'

const toOrder = (row: Selectable<SalesOrderTable>): Order => ({
  id: row.id,
  tenantId: row.tenant_id,
  reference: row.reference,
  accountId: row.account_id,
  contactId: row.contact_id,
  runId: row.run_id,
  product: row.product,
  priceMinor: row.price_minor,
  currency: row.currency,
  way: row.way as OrderWay,
  askedMinor: row.asked_minor,
  askedCurrency: row.asked_currency,
  state: row.state as OrderState,
  reviewReason: row.review_reason as OrderReviewReason | null,
  fulfilment: row.fulfilment as Fulfilment,
  fulfilmentContent: row.fulfilment_content,
  fulfilmentDeliveryId: row.fulfilment_delivery_id,
  creditedDeliveryId: row.credited_delivery_id,
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at.getTime(),
  paidAt: row.paid_at?.getTime() ?? null,
  paidBy: row.paid_by,
  fulfilledAt: row.fulfilled_at?.getTime() ?? null,
})

export interface NewOrder {
  readonly reference: string
  readonly accountId: number
  readonly contactId: number
  readonly runId: number | null
  readonly pressKey: string
  readonly product: string
  readonly priceMinor: number
  readonly currency: string
  readonly way: OrderWay
  readonly askedMinor: number
  readonly askedCurrency: string
  readonly fulfilment: Fulfilment
  readonly fulfilmentContent: string | null
  readonly at: number
  readonly expiresAt: number
}

/** The new order, or null when the same press made one before. */
export const insertOrder = async (tx: TenantTx, order: NewOrder): Promise<Order | null> => {
  const row = await tx
    .insertInto('sales_order')
    .values({
      tenant_id: tx.tenantId,
      reference: order.reference,
      account_id: order.accountId,
      contact_id: order.contactId,
      run_id: order.runId,
      press_key: order.pressKey,
      product: order.product,
      price_minor: order.priceMinor,
      currency: order.currency,
      way: order.way,
      asked_minor: order.askedMinor,
      asked_currency: order.askedCurrency,
      fulfilment: order.fulfilment,
      fulfilment_content: order.fulfilmentContent,
      created_at: toDate(order.at),
      expires_at: toDate(order.expiresAt),
    })
    .onConflict((c) => c.columns(['tenant_id', 'press_key']).doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toOrder(row) : null
}

export type OrderKey =
  | { readonly id: number }
  | { readonly reference: string }
  /** The press that made it. */
  | { readonly pressKey: string }

const keyed = (tx: TenantTx | OperatorTx, key: OrderKey) => {
  const query = (tx as OperatorTx).selectFrom('sales_order').selectAll()
  if ('id' in key) return query.where('id', '=', key.id)
  return 'reference' in key ? query.where('reference', '=', key.reference) : query.where('press_key', '=', key.pressKey)
}

export const selectOrder = async (tx: TenantTx | OperatorTx, key: OrderKey): Promise<Order | null> => {
  const row = await keyed(tx, key).executeTakeFirst()
  return row ? toOrder(row) : null
}

/**
 * Locks whose order it is, then the order, until the transaction ends: acts on one order follow each other. People are
 * locked first everywhere, since what they say and press locks them before anything else.
 */
export const lockOrder = async (tx: TenantTx, key: OrderKey): Promise<Order | null> => {
  const known = await selectOrder(tx, key)
  if (!known) return null
  await sql`select from contact where tenant_id = ${tx.tenantId} and id = ${known.contactId} for no key update`.execute(
    tx,
  )
  const row = await keyed(tx, key).where('tenant_id', '=', tx.tenantId).forUpdate().executeTakeFirst()
  return row ? toOrder(row) : null
}

export const updateOrder = async (tx: TenantTx, id: number, changes: Updateable<SalesOrderTable>): Promise<Order> => {
  const row = await tx
    .updateTable('sales_order')
    .set(changes)
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  return toOrder(row)
}

/** Whose order it is: the person's Telegram number; null once they are erased. */
export const findBuyer = async (tx: TenantTx | OperatorTx, order: Order): Promise<number | null> => {
  if (order.contactId === null) return null
  const row = await (tx as OperatorTx)
    .selectFrom('contact')
    .select('telegram_id')
    .where('tenant_id', '=', order.tenantId)
    .where('id', '=', order.contactId)
    .executeTakeFirst()
  return row?.telegram_id ?? null
}

export interface OrderFilter {
  readonly states?: readonly OrderState[]
  /** Only what waits for a member. */
  readonly needsReview?: boolean
  readonly contactId?: number
  readonly beforeId?: number
}

/** The newest first. */
export const selectOrders = async (tx: TenantTx, filter: OrderFilter, limit: number): Promise<readonly Order[]> => {
  let query = tx
    .selectFrom('sales_order')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('id', 'desc')
    .limit(limit)
  if (filter.states) query = query.where('state', 'in', filter.states)
  if (filter.needsReview) query = query.where('review_reason', 'is not', null)
  if (filter.contactId !== undefined) query = query.where('contact_id', '=', filter.contactId)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  return (await query.execute()).map(toOrder)
}

/** Whether somebody has another order open in this run. */
export const hasOtherOpenOrder = async (tx: TenantTx, order: Order): Promise<boolean> => {
  const row = await tx
    .selectFrom('sales_order')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('run_id', '=', order.runId)
    .where('id', '<>', order.id)
    .where('state', 'in', OPEN)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Whether another order that counts bears on the same delivery. */
export const sharesCredit = async (tx: TenantTx, order: Order): Promise<boolean> => {
  const row = await tx
    .selectFrom('sales_order')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('credited_delivery_id', '=', order.creditedDeliveryId)
    .where('id', '<>', order.id)
    .where('state', 'in', ['paid', 'fulfilled'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

interface OwnedOrder {
  readonly id: number
  readonly tenantId: number
}

/** Orders whose time was over at `before`, of all tenants. */
export const selectOverdueOrders = async (
  tx: OperatorTx,
  before: number,
  limit: number,
): Promise<readonly OwnedOrder[]> => {
  const rows = await tx
    .selectFrom('sales_order')
    .select(['id', 'tenant_id'])
    .where('state', 'in', OPEN)
    .where('expires_at', '<=', toDate(before))
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.id, tenantId: row.tenant_id }))
}

/** Paid orders whose handing over has left or never will: how its delivery ended. */
export const selectHandedOver = async (
  tx: OperatorTx,
  limit: number,
): Promise<readonly (OwnedOrder & { readonly isSent: boolean })[]> => {
  const { rows } = await sql<{ id: number; tenant_id: number; is_sent: boolean }>`
    select o.id, o.tenant_id, d.state = 'sent' as is_sent
    from sales_order o join delivery d on d.tenant_id = o.tenant_id and d.id = o.fulfilment_delivery_id
    where o.state = 'paid' and o.fulfilment_delivery_id is not null and o.review_reason is distinct from 'delivery_failed'
      and d.state in ('sent', 'failed', 'refused', 'cancelled', 'unknown')
    order by o.paid_at limit ${limit}`.execute(tx)
  return rows.map((row) => ({ id: row.id, tenantId: row.tenant_id, isSent: row.is_sent }))
}

import { sql } from 'kysely'

import { type DeliveryState, DELIVERY_STATES } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { noteDripEvent } from './drip-position.store.ts'

/** The channel on which sending processes hear that an account's queue grew; the payload is `tenant:account`. */
export const QUEUE_CHANNEL = 'gavatcore_queue'

/** Wakes the process that sends for this account, once the transaction commits. */
export const notifyQueue = async (tx: TenantTx, accountId: number): Promise<void> => {
  await sql`select pg_notify(${QUEUE_CHANNEL}, ${`${tx.tenantId}:${accountId}`})`.execute(tx)
}

/** The same as a column of a statement that writes deliveries, once a row; PostgreSQL tells of equal ones once. */
export const queueNotice = (rows: string) =>
  sql<string>`pg_notify(${QUEUE_CHANNEL}, ${sql.ref(`${rows}.tenant_id`)} || ':' || ${sql.ref(`${rows}.account_id`)})`.as(
    'notice',
  )

/**
 * A contact withdrew: everything commercial that still waits for them is cancelled, and their drips end. A send already on its way is not
 * touched; it left before the word arrived. Returns how many were cancelled.
 */
export const cancelForContact = async (
  tx: TenantTx,
  contactId: number,
  reason: string,
  at: number,
): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason, finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('message_class', '=', 'commercial')
    .where('state', 'in', ['planned', 'deferred'])
    .executeTakeFirst()
  await noteDripEvent(tx, { contactId, what: 'opt_out', at })
  return Number(numUpdatedRows)
}

/**
 * What a model wrote to a contact through an account and has not left yet is cancelled. A send already on its way is not
 * touched. Returns how many were cancelled.
 */
export const cancelAiReplies = async (
  tx: TenantTx,
  { accountId, contactId }: { readonly accountId: number; readonly contactId: number },
  reason: string,
  at: number,
): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason, finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('account_id', '=', accountId)
    .where('is_ai', '=', true)
    .where('state', 'in', ['planned', 'deferred'])
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** These deliveries, as far as they have not left, are cancelled. */
export const cancelDeliveries = async (
  tx: TenantTx,
  ids: readonly number[],
  reason: string,
  at: number,
): Promise<void> => {
  if (ids.length === 0) return
  await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason, finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', 'in', [...ids])
    .where('state', 'in', ['planned', 'deferred'])
    .execute()
}

export interface DeliveryStatus {
  readonly deliveries: Readonly<Record<DeliveryState, number>>
  /** Deliveries refused, by the reason the guard gave. */
  readonly refusedBy: Readonly<Record<string, number>>
  readonly deferredBy: Readonly<Record<string, number>>
  readonly responses: number
}

/** How the tenant's deliveries stand, in one pass over the ledger. */
export const deliveryStatus = async (tx: TenantTx): Promise<DeliveryStatus> => {
  const { rows } = await sql<{ state: DeliveryState; reason: string | null; count: number; responses: number }>`
    select state, case when state in ('refused', 'deferred') then reason end as reason, count(*) as count, count(responded_at) as responses
    from delivery where tenant_id = ${tx.tenantId} group by 1, 2`.execute(tx)
  const deliveries = Object.fromEntries(DELIVERY_STATES.map((s) => [s, 0])) as Record<DeliveryState, number>
  const refusedBy: Record<string, number> = {}
  const deferredBy: Record<string, number> = {}
  let responses = 0
  for (const row of rows) {
    deliveries[row.state] += row.count
    responses += row.responses
    if (row.state === 'refused' && row.reason) refusedBy[row.reason] = row.count
    if (row.state === 'deferred' && row.reason) deferredBy[row.reason] = row.count
  }
  return { deliveries, refusedBy, deferredBy, responses }
}

export interface DeliveryListRow {
  readonly id: number
  readonly contactId: number | null
  readonly chatId: number
  readonly accountId: number
  readonly source: string
  readonly messageClass: string
  readonly segment: string | null
  readonly campaignId: number | null
  readonly state: DeliveryState
  readonly reason: string | null
  readonly dueAt: Date
  readonly reservedAt: Date | null
  readonly respondedAt: Date | null
  readonly attemptCount: number
}

export interface DeliveryFilter {
  readonly state?: DeliveryState
  readonly contactId?: number
  readonly accountId?: number
  readonly campaignId?: number
  /** Ids below this one; pages go from new to old. */
  readonly beforeId?: number
  /** 1–500, default 50. */
  readonly limit?: number
}

/** Deliveries from new to old. */
export const listDeliveries = async (tx: TenantTx, filter: DeliveryFilter): Promise<readonly DeliveryListRow[]> => {
  let query = tx
    .selectFrom('delivery')
    .select([
      'id',
      'contact_id as contactId',
      'chat_id as chatId',
      'account_id as accountId',
      'source',
      'message_class as messageClass',
      'segment',
      'campaign_id as campaignId',
      'state',
      'reason',
      'due_at as dueAt',
      'reserved_at as reservedAt',
      'responded_at as respondedAt',
      'attempt_count as attemptCount',
    ])
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('id', 'desc')
    .limit(Math.min(Math.max(1, filter.limit ?? 50), 500))
  if (filter.state) query = query.where('state', '=', filter.state)
  if (filter.contactId !== undefined) query = query.where('contact_id', '=', filter.contactId)
  if (filter.accountId !== undefined) query = query.where('account_id', '=', filter.accountId)
  if (filter.campaignId !== undefined) query = query.where('campaign_id', '=', filter.campaignId)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  return (await query.execute()) as readonly DeliveryListRow[]
}

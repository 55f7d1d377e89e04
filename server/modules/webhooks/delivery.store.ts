import { type Selectable, sql } from 'kysely'

import type { WebhookDeliveryState, WebhookFault } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { WebhookAttemptTable, WebhookDeliveryTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { AttemptEnd, WebhookAttempt, WebhookDelivery } from './webhook.rules.ts'

export interface NewDelivery {
  readonly endpointId: number
  readonly messageId: string
  readonly key: string
  readonly kind: string
  readonly payload: string
}

/** Writes what is to be delivered now; what was written before under the same key is left alone. */
export const insertDeliveries = async (tx: TenantTx, news: readonly NewDelivery[], at: number): Promise<void> => {
  if (news.length === 0) return
  await tx
    .insertInto('webhook_delivery')
    .values(
      news.map(({ endpointId, messageId, key, kind, payload }) => ({
        tenant_id: tx.tenantId,
        endpoint_id: endpointId,
        message_id: messageId,
        dedupe_key: key,
        kind,
        payload,
        state: 'waiting',
        next_at: toDate(at),
        created_at: toDate(at),
      })),
    )
    .onConflict((c) => c.columns(['tenant_id', 'endpoint_id', 'dedupe_key']).doNothing())
    .execute()
}

/** A delivery that whoever claimed it calls for now. */
export interface ClaimedDelivery {
  readonly id: number
  readonly endpointId: number
  readonly messageId: string
  readonly kind: string
  readonly payload: string
  /** Of the attempt that the claim began; nobody ends it but its claimant. */
  readonly number: number
  readonly tries: number
}

interface ClaimRow {
  readonly id: number
  readonly endpoint_id: number
  readonly message_id: string
  readonly kind: string
  readonly payload: string
  readonly attempts: number
  readonly tries: number
}

/**
 * Takes up to `limit` due deliveries of an active endpoint, oldest first, and begins an attempt of each. What somebody
 * else has claimed is passed over until that claim is over: then its process died.
 */
export const claimDue = async (
  tx: TenantTx,
  endpointId: number,
  { at, claimMs, limit }: { readonly at: number; readonly claimMs: number; readonly limit: number },
): Promise<readonly ClaimedDelivery[]> => {
  const { rows } = await sql<ClaimRow>`
    with due as (
      select d.tenant_id, d.id from webhook_delivery d
      join webhook_endpoint e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.state = 'active'
      where d.tenant_id = ${tx.tenantId} and d.endpoint_id = ${endpointId} and d.state = 'waiting'
        and d.next_at <= ${toDate(at)} and (d.claimed_until is null or d.claimed_until <= ${toDate(at)})
      order by d.next_at, d.id limit ${limit} for no key update of d skip locked
    ), claimed as (
      update webhook_delivery d set claimed_until = ${toDate(at + claimMs)}, attempts = d.attempts + 1, tries = d.tries + 1
      from due where d.tenant_id = due.tenant_id and d.id = due.id
      returning d.id, d.endpoint_id, d.message_id, d.kind, d.payload, d.attempts, d.tries
    ), begun as (
      insert into webhook_attempt (tenant_id, delivery_id, number, at)
      select ${tx.tenantId}, id, attempts, ${toDate(at)} from claimed
    )
    select * from claimed order by id`.execute(tx)
  return rows.map((row) => ({
    id: row.id,
    endpointId: row.endpoint_id,
    messageId: row.message_id,
    kind: row.kind,
    payload: row.payload,
    number: row.attempts,
    tries: row.tries,
  }))
}

/** Writes one delivery with its first attempt begun, for a call that somebody waits for. */
export const insertClaimed = async (
  tx: TenantTx,
  { endpointId, messageId, key, kind, payload }: NewDelivery,
  { at, claimMs }: { readonly at: number; readonly claimMs: number },
): Promise<ClaimedDelivery> => {
  const { id } = await tx
    .insertInto('webhook_delivery')
    .values({
      tenant_id: tx.tenantId,
      endpoint_id: endpointId,
      message_id: messageId,
      dedupe_key: key,
      kind,
      payload,
      state: 'waiting',
      attempts: 1,
      tries: 1,
      next_at: toDate(at),
      claimed_until: toDate(at + claimMs),
      created_at: toDate(at),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('webhook_attempt')
    .values({ tenant_id: tx.tenantId, delivery_id: id, number: 1, at: toDate(at) })
    .execute()
  return { id, endpointId, messageId, kind, payload, number: 1, tries: 1 }
}

export interface AttemptRecord {
  readonly status: number | null
  readonly fault: WebhookFault | null
  readonly latencyMs: number
}

/**
 * Ends an attempt and moves its delivery on, unless a later attempt has begun or it ended otherwise meanwhile. Returns
 * whether it moved.
 */
export const saveAttempt = async (
  tx: TenantTx,
  { id, number }: ClaimedDelivery,
  { status, fault, latencyMs }: AttemptRecord,
  end: AttemptEnd,
  at: number,
): Promise<boolean> => {
  await tx
    .updateTable('webhook_attempt')
    .set({ status, fault, latency_ms: Math.round(latencyMs) })
    .where('tenant_id', '=', tx.tenantId)
    .where('delivery_id', '=', id)
    .where('number', '=', number)
    .execute()
  const { numUpdatedRows } = await tx
    .updateTable('webhook_delivery')
    .set({
      state: end.state,
      claimed_until: null,
      ended_at: end.state === 'waiting' ? null : toDate(at),
      ...(end.state === 'waiting' && { next_at: toDate(at + end.afterMs) }),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('attempts', '=', number)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Endpoints of the tenant with something to deliver by `at`. */
export const listDueEndpoints = async (tx: TenantTx, at: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select e.id from webhook_endpoint e where e.tenant_id = ${tx.tenantId} and e.state = 'active' and exists (
      select from webhook_delivery d where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.state = 'waiting'
        and d.next_at <= ${toDate(at)} and (d.claimed_until is null or d.claimed_until <= ${toDate(at)}))
    order by e.id`.execute(tx)
  return rows.map(({ id }) => id)
}

/** When the tenant's next attempt is due that nobody makes yet; null when none is. */
export const findNextDue = async (tx: TenantTx): Promise<number | null> => {
  const { rows } = await sql<{ at: Date | null }>`
    select min(d.next_at) as at from webhook_delivery d
    join webhook_endpoint e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.state = 'active'
    where d.tenant_id = ${tx.tenantId} and d.state = 'waiting' and d.claimed_until is null`.execute(tx)
  return rows[0]?.at?.getTime() ?? null
}

/** Tenants with something to deliver by `at`. */
export const listTenantsWithDue = async (tx: OperatorTx, at: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ tenant_id: number }>`
    select distinct d.tenant_id from webhook_delivery d
    join webhook_endpoint e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.state = 'active'
    join tenant t on t.id = d.tenant_id and t.state = 'active'
    where d.state = 'waiting' and d.next_at <= ${toDate(at)}
      and (d.claimed_until is null or d.claimed_until <= ${toDate(at)})`.execute(tx)
  return rows.map((row) => row.tenant_id)
}

type DeliveryRow = Selectable<WebhookDeliveryTable> & {
  readonly last_number: number | null
  readonly last_at: Date | null
  readonly last_status: number | null
  readonly last_fault: WebhookFault | null
  readonly last_latency_ms: number | null
}

const toDelivery = (row: DeliveryRow): WebhookDelivery => ({
  id: row.id,
  endpointId: row.endpoint_id,
  messageId: row.message_id,
  kind: row.kind as WebhookDelivery['kind'],
  state: row.state as WebhookDeliveryState,
  attempts: row.attempts,
  nextAt: row.state === 'waiting' ? row.next_at.getTime() : null,
  createdAt: row.created_at.getTime(),
  endedAt: row.ended_at?.getTime() ?? null,
  last:
    row.last_number === null || row.last_at === null
      ? null
      : {
          number: row.last_number,
          at: row.last_at.getTime(),
          status: row.last_status,
          fault: row.last_fault,
          latencyMs: row.last_latency_ms,
        },
})

export interface DeliveryFilter {
  readonly ids?: readonly number[]
  readonly endpointId?: number
  readonly state?: WebhookDeliveryState
  readonly kind?: string
  /** Those written before this one. */
  readonly beforeId?: number
  readonly limit: number
}

/** Deliveries with their last attempt, newest first. */
export const selectDeliveries = async (tx: TenantTx, filter: DeliveryFilter): Promise<readonly WebhookDelivery[]> => {
  const { ids, endpointId, state, kind, beforeId, limit } = filter
  const { rows } = await sql<DeliveryRow>`
    select d.*, a.number as last_number, a.at as last_at, a.status as last_status, a.fault as last_fault,
      a.latency_ms as last_latency_ms
    from webhook_delivery d
    left join webhook_attempt a on a.tenant_id = d.tenant_id and a.delivery_id = d.id and a.number = d.attempts
    where d.tenant_id = ${tx.tenantId}
      ${ids === undefined ? sql`` : sql`and d.id = any(${[...ids]}::bigint[])`}
      ${endpointId === undefined ? sql`` : sql`and d.endpoint_id = ${endpointId}`}
      ${state === undefined ? sql`` : sql`and d.state = ${state}`}
      ${kind === undefined ? sql`` : sql`and d.kind = ${kind}`}
      ${beforeId === undefined ? sql`` : sql`and d.id < ${beforeId}`}
    order by d.id desc limit ${limit}`.execute(tx)
  return rows.map(toDelivery)
}

const toAttempt = (row: Selectable<WebhookAttemptTable>): WebhookAttempt => ({
  number: row.number,
  at: row.at.getTime(),
  status: row.status,
  fault: row.fault as WebhookFault | null,
  latencyMs: row.latency_ms,
})

/** The body of a delivery and its attempts in their order; null without such a delivery. */
export const selectDetail = async (
  tx: TenantTx,
  id: number,
): Promise<{ readonly payload: string; readonly attempts: readonly WebhookAttempt[] } | null> => {
  const row = await tx
    .selectFrom('webhook_delivery')
    .select('payload')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) return null
  const attempts = await tx
    .selectFrom('webhook_attempt')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('delivery_id', '=', id)
    .orderBy('number')
    .execute()
  return { payload: row.payload, attempts: attempts.map(toAttempt) }
}

/** Lets deliveries of the endpoint be tried again from now on, with the whole schedule before them. Returns how many. */
export const saveReplay = async (
  tx: TenantTx,
  which: { readonly id: number } | { readonly endpointId: number; readonly since: number },
  at: number,
): Promise<number> => {
  const chosen =
    'id' in which
      ? sql`id = ${which.id}`
      : sql`endpoint_id = ${which.endpointId} and state = 'failed' and created_at >= ${toDate(which.since)}`
  const { numAffectedRows } = await sql`
    update webhook_delivery set state = 'waiting', ended_at = null, next_at = ${toDate(at)}, tries = 0,
      claimed_until = case when state = 'waiting' then claimed_until end
    where tenant_id = ${tx.tenantId} and ${chosen}`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** An answer counts for a delivery of at most this age (domain definition of a response). */
const RESPONSE_WINDOW_MS = DAY_MS

export interface ContactResponse {
  readonly contactId: number
  readonly accountId: number
  readonly at: number
  readonly kind: 'message' | 'button'
  /** The delivery whose button was pressed; without it, the last one that reached the contact counts. */
  readonly deliveryId?: number
}

/**
 * Credits an inbound message or button press to the contact's last automated delivery of the past 24 hours, once per
 * delivery. Returns the id of the delivery credited, or null when there is none to credit.
 */
export const recordResponse = async (tx: TenantTx, response: ContactResponse): Promise<number | null> => {
  const since = toDate(response.at - RESPONSE_WINDOW_MS)
  const which =
    response.deliveryId === undefined
      ? sql`d.account_id = ${response.accountId} and d.message_class <> 'reply'`
      : sql`d.id = ${response.deliveryId}`
  const { rows } = await sql<{ id: number; first: boolean }>`
    with credited as (
      select d.id, d.responded_at is null as first from delivery d
      where d.tenant_id = ${tx.tenantId} and d.contact_id = ${response.contactId} and ${which}
        and d.state in ('sent', 'unknown') and d.reserved_at > ${since} and d.reserved_at <= ${toDate(response.at)}
      order by d.reserved_at desc limit 1
    )
    update delivery d set
      responded_at = coalesce(d.responded_at, ${toDate(response.at)}),
      clicked_at = case when ${response.kind === 'button'} then coalesce(d.clicked_at, ${toDate(response.at)}) else d.clicked_at end
    from credited c where d.tenant_id = ${tx.tenantId} and d.id = c.id
    returning d.id, c.first`.execute(tx)
  const credited = rows[0]
  if (!credited) return null
  if (credited.first) {
    await sql`update contact_feature set response_count = response_count + 1
      where tenant_id = ${tx.tenantId} and contact_id = ${response.contactId}`.execute(tx)
  }
  return credited.id
}

/** Of these contacts, those whom a delivery reached in the 24 hours before `at`: only they can respond to one. */
export const findReached = async (
  tx: TenantTx,
  contactIds: readonly number[],
  at: number,
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ contact_id: number }>`
    select distinct contact_id from delivery
    where tenant_id = ${tx.tenantId} and contact_id = any(${contactIds}::bigint[])
      and state in ('sent', 'unknown') and reserved_at > ${toDate(at - RESPONSE_WINDOW_MS)}`.execute(tx)
  return new Set(rows.map((row) => row.contact_id))
}

/** A contact withdrew: the last commercial delivery of the past day bears the opt-out. */
export const recordOptOutOutcome = async (tx: TenantTx, contactId: number, at: number): Promise<void> => {
  await sql`
    update delivery set opted_out_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and id = (
      select d.id from delivery d
      where d.tenant_id = ${tx.tenantId} and d.contact_id = ${contactId} and d.message_class = 'commercial'
        and d.reserved_at > ${toDate(at - RESPONSE_WINDOW_MS)} and d.reserved_at <= ${toDate(at)} and d.opted_out_at is null
      order by d.reserved_at desc limit 1
    )`.execute(tx)
}

/** A purchase counts for a delivery of at most this age (domain definition of a conversion, last touch). */
const CONVERSION_WINDOW_MS = 7 * DAY_MS

/** Credits a purchase to the last automated delivery that reached the contact in the week before it; null when there is none. */
export const creditConversion = async (tx: TenantTx, contactId: number, at: number): Promise<number | null> => {
  const { rows } = await sql<{ id: number }>`
    update delivery set converted_at = coalesce(converted_at, ${toDate(at)})
    where tenant_id = ${tx.tenantId} and id = (
      select d.id from delivery d
      where d.tenant_id = ${tx.tenantId} and d.contact_id = ${contactId} and d.message_class <> 'reply'
        and d.state in ('sent', 'unknown') and d.reserved_at > ${toDate(at - CONVERSION_WINDOW_MS)} and d.reserved_at <= ${toDate(at)}
      order by d.reserved_at desc limit 1
    )
    returning id`.execute(tx)
  return rows[0]?.id ?? null
}

/** The purchase that this delivery was credited with is taken back. */
export const withdrawConversion = async (tx: TenantTx, deliveryId: number): Promise<void> => {
  await sql`update delivery set converted_at = null where tenant_id = ${tx.tenantId} and id = ${deliveryId}`.execute(tx)
}

import { sql } from 'kysely'

import type { DeliveryState } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type ClaimedRow, claimedColumns } from './claim.store.ts'

export interface ContactDeliveryRow extends ClaimedRow {
  readonly state: DeliveryState
  readonly reason: string | null
  readonly campaign_state: string | null
}

const select = sql`select ${claimedColumns}, d.state, d.reason, c.state as campaign_state
    from delivery d left join campaign c on c.tenant_id = d.tenant_id and c.id = d.campaign_id`

/** The contact's deliveries from new to old, whatever their state. */
export const listContactDeliveries = async (
  tx: TenantTx,
  contactId: number,
  limit: number,
): Promise<readonly ContactDeliveryRow[]> => {
  const { rows } = await sql<ContactDeliveryRow>`
    ${select} where d.tenant_id = ${tx.tenantId} and d.contact_id = ${contactId}
    order by d.planned_at desc, d.id desc limit ${limit}`.execute(tx)
  return rows
}

/** One delivery, whatever its state; none when there is no such one. */
export const findDelivery = async (tx: TenantTx, id: number): Promise<ContactDeliveryRow | undefined> => {
  const { rows } = await sql<ContactDeliveryRow>`
    ${select} where d.tenant_id = ${tx.tenantId} and d.id = ${id}`.execute(tx)
  return rows[0]
}

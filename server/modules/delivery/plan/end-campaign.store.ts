import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Turns what still waits of a campaign into `cancelled`; what is on its way or done stays. Returns how many. */
export const cancelPlanned = async (tx: TenantTx, campaignId: number, at: number): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason: 'campaign_cancelled', finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('campaign_id', '=', campaignId)
    .where('state', 'in', ['planned', 'deferred'])
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Running campaigns that are fully planned and of which nothing waits or is on its way. */
export const listFinishedCampaigns = async (tx: TenantTx): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select c.id from campaign c
    where c.tenant_id = ${tx.tenantId} and c.state = 'running' and c.planned_at is not null
      and not exists (select from delivery d where d.tenant_id = c.tenant_id and d.campaign_id = c.id
        and d.state in ('planned', 'deferred', 'reserved'))
    order by c.id`.execute(tx)
  return rows.map((row) => row.id)
}

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { PIN_WITHIN_MS } from './pin-posts.store.ts'

/** Turns what still waits of a campaign into `cancelled`; what is on its way or done stays. Returns how many. */
export const cancelPlanned = async (tx: TenantTx, campaignId: number, reason: string, at: number): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason, finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('campaign_id', '=', campaignId)
    .where('state', 'in', ['planned', 'deferred'])
    .executeTakeFirst()
  await endPositions(tx, campaignId, at)
  return Number(numUpdatedRows)
}

/** Nobody goes further in a drip that is over. */
const endPositions = async (tx: TenantTx, campaignId: number, at: number): Promise<void> => {
  await tx
    .updateTable('drip_position')
    .set({ state: 'done', changed_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('campaign_id', '=', campaignId)
    .where('state', '=', 'active')
    .execute()
}

/** Campaigns that run or are paused and whose end has come. */
export const listEndedCampaigns = async (tx: TenantTx, at: number): Promise<readonly number[]> => {
  const rows = await tx
    .selectFrom('campaign')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('state', 'in', ['running', 'paused'])
    .where('ends_at', '<=', toDate(at))
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

/** Refuses what still waits of a campaign whose end has come. Returns how many. */
export const expirePlanned = async (tx: TenantTx, campaignId: number, at: number): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('delivery')
    .set({ state: 'refused', reason: 'expired', finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('campaign_id', '=', campaignId)
    .where('state', 'in', ['planned', 'deferred'])
    .executeTakeFirst()
  await endPositions(tx, campaignId, at)
  return Number(numUpdatedRows)
}

/**
 * Running campaigns that are fully planned and of which nothing waits or is on its way; drips only when nobody is on the
 * way either and nobody can come in any more.
 */
export const listFinishedCampaigns = async (tx: TenantTx, at: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select c.id from campaign c
    where c.tenant_id = ${tx.tenantId} and c.state = 'running' and c.planned_at is not null
      and not exists (select from delivery d where d.tenant_id = c.tenant_id and d.campaign_id = c.id
        and d.state in ('planned', 'deferred', 'reserved'))
      and (c.kind <> 'drip' or (
        not exists (select from drip_position p where p.tenant_id = c.tenant_id and p.campaign_id = c.id and p.state = 'active')
        and (not c.takes_late_joiners or c.ends_at <= ${toDate(at)})))
    order by c.id`.execute(tx)
  return rows.map((row) => row.id)
}

/** Active tenants with a campaign that may end, or with an announcement whose posts may still be pinned. */
export const listTenantsWithCampaigns = async (tx: OperatorTx, at: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ tenant_id: number }>`
    select distinct c.tenant_id from campaign c join tenant t on t.id = c.tenant_id and t.state = 'active'
    where c.state in ('running', 'paused')
      or (c.kind = 'announcement' and c.pins and c.completed_at > ${toDate(at - PIN_WITHIN_MS)})
    order by 1`.execute(tx)
  return rows.map((row) => row.tenant_id)
}

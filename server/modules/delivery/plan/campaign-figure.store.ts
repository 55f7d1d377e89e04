import { sql } from 'kysely'

import type { DeliveryState } from '#contract/words.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

/** How many deliveries of a campaign share all that a report divides by, and what came of them. */
export interface FigureRow {
  readonly step: number
  readonly arm: string
  /** `-` for none. */
  readonly segment: string
  readonly state: DeliveryState
  /** Why they did not arrive; null for what waits or arrived. */
  readonly reason: string | null
  readonly isHoldout: boolean
  /** Hour of sending in the tenant's time zone, `00` … `23`; null for what did not leave. */
  readonly hour: string | null
  readonly planned: number
  readonly clicked: number
  readonly responded: number
  readonly converted: number
  readonly optedOut: number
  readonly blocked: number
}

/** The figures of these campaigns as they are at this instant: the sums, and what was noted since they were written. */
export const campaignFigures = (tx: TenantTx, campaignIds: readonly number[]) => {
  const within = sql`where tenant_id = ${tx.tenantId} and campaign_id = any(${[...campaignIds]}::bigint[])`
  const columns = sql`campaign_id, campaign_step, arm, segment, state, reason, is_holdout, sent_quarter,
    deliveries, clicked, responded, converted, opted_out, blocked`
  return sql`(select ${columns} from campaign_figure ${within} union all select ${columns} from campaign_figure_change ${within})`
}

/** All figures of one campaign. */
export const listFigureRows = async (tx: TenantTx, campaignId: number): Promise<readonly FigureRow[]> => {
  const { rows } = await sql<FigureRow>`
    select f.campaign_step as step, f.arm, f.segment, f.state, nullif(f.reason, '') as reason, f.is_holdout as "isHoldout",
      case when f.state = 'sent' then to_char(f.sent_quarter at time zone t.time_zone, 'HH24') end as hour,
      sum(f.deliveries)::integer as planned, sum(f.clicked)::integer as clicked, sum(f.responded)::integer as responded,
      sum(f.converted)::integer as converted, sum(f.opted_out)::integer as "optedOut", sum(f.blocked)::integer as blocked
    from ${campaignFigures(tx, [campaignId])} f join tenant t on t.id = ${tx.tenantId}
    group by 1, 2, 3, 4, 5, 6, 7 having sum(f.deliveries) <> 0`.execute(tx)
  return rows
}

/**
 * Adds noted changes, at most `limit`, to the figures of their campaigns; those of a tenant that is gone are dropped.
 * Takes only what no other transaction takes. Returns how many there were.
 */
export const foldFigureChanges = async (tx: OperatorTx, limit: number): Promise<number> => {
  const { rows } = await sql<{ taken: number }>`
    with taken as (
      delete from campaign_figure_change where (tenant_id, id) in (
        select tenant_id, id from campaign_figure_change order by tenant_id, id limit ${limit} for update skip locked)
      returning *
    ), folded as (
      insert into campaign_figure as f (tenant_id, campaign_id, campaign_step, arm, segment, state, reason, is_holdout,
        sent_quarter, deliveries, clicked, responded, converted, opted_out, blocked)
      select c.tenant_id, c.campaign_id, c.campaign_step, c.arm, c.segment, c.state, c.reason, c.is_holdout, c.sent_quarter,
        sum(c.deliveries), sum(c.clicked), sum(c.responded), sum(c.converted), sum(c.opted_out), sum(c.blocked)
      from taken c join tenant t on t.id = c.tenant_id
      -- Whoever folds at the same time waits in the same order.
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7, 8, 9
      on conflict (tenant_id, campaign_id, campaign_step, arm, segment, state, reason, is_holdout, sent_quarter) do update
        set deliveries = f.deliveries + excluded.deliveries, clicked = f.clicked + excluded.clicked,
          responded = f.responded + excluded.responded, converted = f.converted + excluded.converted,
          opted_out = f.opted_out + excluded.opted_out, blocked = f.blocked + excluded.blocked
    )
    select count(*)::integer as taken from taken`.execute(tx)
  return rows[0]?.taken ?? 0
}

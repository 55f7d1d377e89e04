import { sql } from 'kysely'

import type { DeliveryState } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** How far deliveries came. Each figure counts deliveries; holdouts are apart. */
export interface Funnel {
  readonly planned: number
  readonly sent: number
  readonly clicked: number
  readonly responded: number
  readonly converted: number
  readonly optedOut: number
  readonly blocked: number
}

/** The funnel of those that share one value of a dimension. */
export interface FunnelRow extends Funnel {
  readonly key: string
}

export interface FunnelSqlRow {
  readonly dimension: string
  readonly key: string
  readonly planned: number
  readonly sent: number
  readonly clicked: number
  readonly responded: number
  readonly converted: number
  readonly opted_out: number
  readonly blocked: number
}

export const toFunnel = (row: FunnelSqlRow): Funnel => ({
  planned: row.planned,
  sent: row.sent,
  clicked: row.clicked,
  responded: row.responded,
  converted: row.converted,
  optedOut: row.opted_out,
  blocked: row.blocked,
})

export const EMPTY_FUNNEL: Funnel = {
  planned: 0,
  sent: 0,
  clicked: 0,
  responded: 0,
  converted: 0,
  optedOut: 0,
  blocked: 0,
}

/** The funnel in all (`all`) and by each dimension. */
export const listFunnelRows = async (tx: TenantTx, campaignId: number): Promise<readonly FunnelSqlRow[]> => {
  const { rows } = await sql<FunnelSqlRow>`
    select case grouping(segment, hour, arm) when 3 then 'segment' when 5 then 'hour' when 6 then 'variant' else 'all' end as dimension,
      coalesce(segment, hour, arm, '-') as key,
      count(*)::integer as planned, (count(*) filter (where was_sent))::integer as sent, count(clicked_at)::integer as clicked,
      count(responded_at)::integer as responded, count(converted_at)::integer as converted,
      count(opted_out_at)::integer as opted_out, count(blocked_at)::integer as blocked
    from (
      select coalesce(d.segment, '-') as segment, d.campaign_step || '/' || d.arm as arm, d.state in ('sent', 'unknown') as was_sent,
        coalesce(to_char(case when d.state = 'sent' then d.reserved_at at time zone t.time_zone end, 'HH24'), '-') as hour,
        d.clicked_at, d.responded_at, d.converted_at, d.opted_out_at, d.blocked_at
      from delivery d join tenant t on t.id = d.tenant_id
      where d.tenant_id = ${tx.tenantId} and d.campaign_id = ${campaignId} and not d.is_holdout
    ) d
    group by grouping sets ((), (segment), (hour), (arm)) order by 1, 2`.execute(tx)
  return rows
}

/** Deliveries of a campaign that share state, reason and whether they were withheld. */
export interface StateRow {
  readonly state: DeliveryState
  readonly reason: string | null
  readonly is_holdout: boolean
  readonly count: number
}

export const listStateRows = async (tx: TenantTx, campaignId: number): Promise<readonly StateRow[]> => {
  const { rows } = await sql<StateRow>`
    select state, case when state in ('refused', 'failed', 'unknown', 'cancelled') then reason end as reason, is_holdout,
      count(*)::integer as count
    from delivery where tenant_id = ${tx.tenantId} and campaign_id = ${campaignId}
    group by 1, 2, 3 order by 4 desc, 1, 2`.execute(tx)
  return rows
}

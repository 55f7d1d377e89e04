import { sql } from 'kysely'

import { DELIVERY_STATES, type DeliveryState } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Campaign, getCampaign } from '#server/modules/campaigns/index.ts'

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

export interface CampaignReport {
  readonly campaign: Campaign
  readonly funnel: Funnel
  /** People withheld, and how many of them converted all the same: the funnel's lift is measured against these. */
  readonly holdout: { readonly people: number; readonly converted: number }
  readonly states: Readonly<Record<DeliveryState, number>>
  readonly bySegment: readonly FunnelRow[]
  /** Hour of sending in the tenant's time zone, `00` … `23`. */
  readonly byHour: readonly FunnelRow[]
  /** `step/template:variant`. */
  readonly byVariant: readonly FunnelRow[]
  /** What did not arrive, by reason: refused, failed and unknown. */
  readonly failures: readonly { readonly state: DeliveryState; readonly reason: string; readonly count: number }[]
}

interface FunnelSqlRow {
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

const toFunnel = (row: FunnelSqlRow): Funnel => ({
  planned: row.planned,
  sent: row.sent,
  clicked: row.clicked,
  responded: row.responded,
  converted: row.converted,
  optedOut: row.opted_out,
  blocked: row.blocked,
})

const EMPTY: Funnel = { planned: 0, sent: 0, clicked: 0, responded: 0, converted: 0, optedOut: 0, blocked: 0 }

const listFunnelRows = async (tx: TenantTx, campaignId: number): Promise<readonly FunnelSqlRow[]> => {
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

/**
 * How a campaign went, from its ledger rows alone: funnel in all and by segment, hour and variant, states, and what did
 * not arrive with the reasons. A send nobody can vouch for (`unknown`) counts as sent. Errors: `not_found`.
 */
export const campaignReport = async (tx: TenantTx, campaignId: number): Promise<CampaignReport> => {
  const campaign = await getCampaign(tx, campaignId)
  const funnels = await listFunnelRows(tx, campaignId)
  const { rows: states } = await sql<{
    state: DeliveryState
    reason: string | null
    is_holdout: boolean
    count: number
    converted: number
  }>`
    select state, case when state in ('refused', 'failed', 'unknown') then reason end as reason, is_holdout,
      count(*)::integer as count, count(converted_at)::integer as converted
    from delivery where tenant_id = ${tx.tenantId} and campaign_id = ${campaignId}
    group by 1, 2, 3 order by 4 desc, 1, 2`.execute(tx)
  const ofDimension = (dimension: string): readonly FunnelRow[] =>
    funnels.filter((row) => row.dimension === dimension).map((row) => ({ key: row.key, ...toFunnel(row) }))
  const holdouts = states.filter((row) => row.is_holdout)
  const reached = states.filter((row) => !row.is_holdout)
  const all = funnels.find((row) => row.dimension === 'all')
  return {
    campaign,
    funnel: all ? toFunnel(all) : EMPTY,
    holdout: {
      people: holdouts.reduce((sum, row) => sum + row.count, 0),
      converted: holdouts.reduce((sum, row) => sum + row.converted, 0),
    },
    states: Object.fromEntries(
      DELIVERY_STATES.map((state) => [
        state,
        reached.filter((row) => row.state === state).reduce((sum, row) => sum + row.count, 0),
      ]),
    ) as Record<DeliveryState, number>,
    bySegment: ofDimension('segment'),
    byHour: ofDimension('hour').filter((row) => row.key !== '-'),
    byVariant: ofDimension('variant'),
    failures: reached.flatMap(({ state, reason, count }) => (reason === null ? [] : [{ state, reason, count }])),
  }
}

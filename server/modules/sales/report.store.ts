import { sql } from 'kysely'

import type { FunnelStageKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

export interface Period {
  /** Epoch ms; `until` is not part of it. */
  readonly from: number
  readonly until: number
}

export interface StageFigures {
  readonly stage: string
  readonly kind: FunnelStageKind
  /** Runs that came here in the period. */
  readonly entered: number
  /** Of those, how many left it since for another stage that is not lost. */
  readonly wentOn: number
  readonly lost: number
  /** Of those that left, half were here for no longer than this; null where nobody left. */
  readonly medianMs: number | null
}

/**
 * By stage of a funnel, in the order in which runs first come there: who came in the period, and what became of them
 * until now. Moving from a stage to itself is no move.
 */
export const selectStageFigures = async (
  tx: TenantTx,
  funnel: string,
  { from, until }: Period,
): Promise<readonly StageFigures[]> => {
  const { rows } = await sql<{
    stage: string
    kind: FunnelStageKind
    entered: number
    went_on: number
    lost: number
    median_ms: number | null
  }>`
    with moves as (
      select s.run_id, s.to_stage, s.kind, s.at, s.id,
        lead(s.kind) over w as next_kind, lead(s.at) over w as next_at
      from funnel_step s join funnel_run r on r.tenant_id = s.tenant_id and r.id = s.run_id
      where s.tenant_id = ${tx.tenantId} and r.funnel = ${funnel} and s.from_stage is distinct from s.to_stage
      window w as (partition by s.run_id order by s.id)
    ), entries as (
      select run_id, to_stage, kind, min(id) as first_id,
        bool_or(next_kind is not null and next_kind <> 'lost') as went_on, bool_or(next_kind = 'lost') as lost,
        percentile_cont(0.5) within group (order by extract(epoch from next_at - at) * 1000)
          filter (where next_at is not null) as stay_ms
      from moves where at >= ${toDate(from)} and at < ${toDate(until)}
      group by run_id, to_stage, kind
    )
    select to_stage as stage, kind, count(*)::int as entered, count(*) filter (where went_on)::int as went_on,
      count(*) filter (where lost and not went_on)::int as lost,
      percentile_cont(0.5) within group (order by stay_ms) filter (where stay_ms is not null) as median_ms
    from entries group by 1, 2`.execute(tx)
  return rows.map(({ stage, kind, entered, went_on: wentOn, lost, median_ms: medianMs }) => ({
    stage,
    kind,
    entered,
    wentOn,
    lost,
    medianMs,
  }))
}

export interface Revenue {
  readonly currency: string
  readonly orders: number
  readonly paidMinor: number
  readonly refundedMinor: number
}

/** What orders of a funnel brought that were paid in the period, by currency of the catalogue; refunds are theirs. */
export const selectRevenue = async (
  tx: TenantTx,
  funnel: string,
  { from, until }: Period,
): Promise<readonly Revenue[]> => {
  const { rows } = await sql<{ currency: string; orders: number; paid: number; refunded: number }>`
    select o.currency, count(*)::int as orders, sum(o.price_minor)::bigint as paid,
      coalesce(sum(o.price_minor) filter (where o.state = 'refunded'), 0)::bigint as refunded
    from sales_order o join funnel_run r on r.tenant_id = o.tenant_id and r.id = o.run_id
    where o.tenant_id = ${tx.tenantId} and r.funnel = ${funnel}
      and o.paid_at >= ${toDate(from)} and o.paid_at < ${toDate(until)}
    group by 1 order by 1`.execute(tx)
  return rows.map((row) => ({
    currency: row.currency,
    orders: row.orders,
    paidMinor: row.paid,
    refundedMinor: row.refunded,
  }))
}

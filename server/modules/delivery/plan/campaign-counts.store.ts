import { sql } from 'kysely'

import { DELIVERY_STATES, type DeliveryState } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { campaignFigures } from './campaign-figure.store.ts'

/** How far a campaign's messages came. Each figure counts deliveries; those withheld to measure the effect are apart. */
export interface CampaignCounts {
  readonly states: Readonly<Record<DeliveryState, number>>
  readonly responded: number
  readonly clicked: number
  readonly converted: number
  readonly optedOut: number
  readonly blocked: number
  readonly withheld: number
}

interface CountRow extends Omit<CampaignCounts, 'states' | 'withheld'> {
  readonly campaignId: number
  readonly state: DeliveryState
  readonly isHoldout: boolean
  readonly count: number
}

const SUMS = ['responded', 'clicked', 'converted', 'optedOut', 'blocked'] as const

const toCounts = (rows: readonly CountRow[]): CampaignCounts => {
  const reached = rows.filter(({ isHoldout }) => !isHoldout)
  const sum = (of: readonly CountRow[], figure: (typeof SUMS)[number] | 'count') =>
    of.reduce((total, row) => total + row[figure], 0)
  return {
    states: Object.fromEntries(
      DELIVERY_STATES.map((state) => [state, sum(reached.filter((row) => row.state === state), 'count')]), // prettier-ignore
    ) as Record<DeliveryState, number>,
    responded: sum(reached, 'responded'),
    clicked: sum(reached, 'clicked'),
    converted: sum(reached, 'converted'),
    optedOut: sum(reached, 'optedOut'),
    blocked: sum(reached, 'blocked'),
    withheld: sum(rows.filter(({ isHoldout }) => isHoldout), 'count'), // prettier-ignore
  }
}

/** The figures of these campaigns by id, in one statement; of one without deliveries all are 0. */
export const countCampaigns = async (
  tx: TenantTx,
  campaignIds: readonly number[],
): Promise<ReadonlyMap<number, CampaignCounts>> => {
  const { rows } = await sql<CountRow>`
    select f.campaign_id as "campaignId", f.state, f.is_holdout as "isHoldout", sum(f.deliveries)::integer as count,
      sum(f.responded)::integer as responded, sum(f.clicked)::integer as clicked, sum(f.converted)::integer as converted,
      sum(f.opted_out)::integer as "optedOut", sum(f.blocked)::integer as blocked
    from ${campaignFigures(tx, campaignIds)} f
    group by 1, 2, 3`.execute(tx)
  const byCampaign = Map.groupBy(rows, ({ campaignId }) => campaignId)
  return new Map(campaignIds.map((id) => [id, toCounts(byCampaign.get(id) ?? [])]))
}

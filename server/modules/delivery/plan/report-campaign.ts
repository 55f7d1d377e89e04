import { DELIVERY_STATES, type DeliveryState } from '#contract/words.ts'
import { type Interval, wilsonInterval } from '#server/base/interval.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { CATALOGUE, getSubscription, packageOf } from '#server/modules/billing/index.ts'
import { type Campaign, type CampaignGoal, getCampaign } from '#server/modules/campaigns/index.ts'

import { type CampaignCost, type Effect, compareSides, costOf } from './effect.rules.ts'
import {
  type ChatResult,
  type DripCounts,
  countLastMonth,
  countPositions,
  countSides,
  listChatResults,
  sumCreditedRevenue,
} from './effect.store.ts'
import { EMPTY_FUNNEL, type Funnel, type FunnelRow, listFunnelRows, listStateRows, toFunnel } from './funnel.store.ts'
import { countTowardsGoal } from './goal.store.ts'

export interface GoalProgress extends CampaignGoal {
  readonly value: number
  /** Epoch ms; null until it was. */
  readonly reachedAt: number | null
}

export interface CampaignReport {
  readonly campaign: Campaign
  readonly funnel: Funnel
  /** Responses per message that arrived, with 95 % confidence. */
  readonly responseInterval: Interval
  /** Conversion against the people withheld. */
  readonly effect: Effect
  /** Paid orders credited to its messages, in minor units. */
  readonly revenueMinor: number
  readonly cost: CampaignCost
  /** Null for a campaign without a goal. */
  readonly goal: GoalProgress | null
  readonly states: Readonly<Record<DeliveryState, number>>
  readonly bySegment: readonly FunnelRow[]
  /** Hour of sending in the tenant's time zone, `00` … `23`. */
  readonly byHour: readonly FunnelRow[]
  /** `step/template:variant`. */
  readonly byVariant: readonly FunnelRow[]
  /** What did not arrive, by reason: refused, failed, cancelled and unknown. */
  readonly failures: readonly { readonly state: DeliveryState; readonly reason: string; readonly count: number }[]
  /** Of an announcement: each chat with what it brought. Empty for other kinds. */
  readonly chats: readonly ChatResult[]
  /** Of a drip: where its people stand. Null for other kinds. */
  readonly drip: DripCounts | null
}

const readCost = async (tx: TenantTx, sent: number, at: number): Promise<CampaignCost> => {
  const subscription = await getSubscription(tx)
  const { priceMinor, limits } = packageOf(subscription.package)
  const terms = {
    package: subscription.package,
    priceMinor,
    messagesMax: limits.messages_month,
    currency: CATALOGUE.currency,
  }
  return costOf(sent, terms, terms.messagesMax === null ? await countLastMonth(tx, at) : 0)
}

/**
 * How a campaign went by `at` (epoch ms), from its ledger rows alone: funnel in all and by segment, hour and variant,
 * what did not arrive with the reasons, goal, cost and revenue, and the effect against the people withheld. A send
 * nobody can vouch for (`unknown`) counts as sent. Errors: `not_found`.
 */
export const campaignReport = async (tx: TenantTx, campaignId: number, at: number): Promise<CampaignReport> => {
  const campaign = await getCampaign(tx, campaignId)
  const funnels = await listFunnelRows(tx, campaignId)
  const states = await listStateRows(tx, campaignId)
  const ofDimension = (dimension: string): readonly FunnelRow[] =>
    funnels.filter((row) => row.dimension === dimension).map((row) => ({ key: row.key, ...toFunnel(row) }))
  const reached = states.filter((row) => !row.is_holdout)
  const all = funnels.find((row) => row.dimension === 'all')
  const funnel = all ? toFunnel(all) : EMPTY_FUNNEL
  const { treated, holdout } = await countSides(tx, campaignId)
  const { goal, goalReachedAt } = campaign
  return {
    campaign,
    funnel,
    responseInterval: wilsonInterval(funnel.responded, funnel.sent),
    effect: compareSides(treated, holdout),
    revenueMinor: await sumCreditedRevenue(tx, campaignId),
    cost: await readCost(tx, funnel.sent, at),
    goal: goal && { ...goal, value: await countTowardsGoal(tx, campaign), reachedAt: goalReachedAt },
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
    chats: campaign.kind === 'announcement' ? await listChatResults(tx, campaignId) : [],
    drip: campaign.kind === 'drip' ? await countPositions(tx, campaignId) : null,
  }
}

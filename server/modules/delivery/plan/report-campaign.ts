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
import { type FigureRow, listFigureRows } from './campaign-figure.store.ts'
import { type Funnel, type FunnelRow, funnelOf, funnelsBy } from './funnel.rules.ts'
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

/** What did not arrive, the most frequent reason first. */
const failuresOf = (rows: readonly FigureRow[]): CampaignReport['failures'] => {
  const byReason = Map.groupBy(rows, ({ state, reason }) => (reason === null ? null : `${state} ${reason}`))
  return [...byReason]
    .flatMap(([key, [first, ...rest]]) =>
      key === null || first === undefined || first.reason === null
        ? []
        : [
            {
              state: first.state,
              reason: first.reason,
              count: rest.reduce((sum, { planned }) => sum + planned, first.planned),
            },
          ],
    )
    .toSorted((a, b) => b.count - a.count || (`${a.state} ${a.reason}` < `${b.state} ${b.reason}` ? -1 : 1))
}

/**
 * How a campaign went by `at` (epoch ms), from its ledger rows alone: funnel in all and by segment, hour and variant,
 * what did not arrive with the reasons, goal, cost and revenue, and the effect against the people withheld. A send
 * nobody can vouch for (`unknown`) counts as sent. Errors: `not_found`.
 */
export const campaignReport = async (tx: TenantTx, campaignId: number, at: number): Promise<CampaignReport> => {
  const campaign = await getCampaign(tx, campaignId)
  const figures = await listFigureRows(tx, campaignId)
  const reached = figures.filter(({ isHoldout }) => !isHoldout)
  const funnel = funnelOf(reached)
  const { treated, holdout } = await countSides(tx, campaignId, figures.length > reached.length)
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
        reached.filter((row) => row.state === state).reduce((sum, row) => sum + row.planned, 0),
      ]),
    ) as Record<DeliveryState, number>,
    bySegment: funnelsBy(reached, ({ segment }) => segment),
    byHour: funnelsBy(reached, ({ hour }) => hour),
    byVariant: funnelsBy(reached, ({ step, arm }) => `${step}/${arm}`),
    failures: failuresOf(reached),
    chats: campaign.kind === 'announcement' ? await listChatResults(tx, campaignId) : [],
    drip: campaign.kind === 'drip' ? await countPositions(tx, campaignId) : null,
  }
}

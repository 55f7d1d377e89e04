import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  cancelCampaign,
  completeCampaign,
  listCampaigns,
  lockCampaign,
  saveGoalReached,
} from '#server/modules/campaigns/index.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import { cancelPlanned, expirePlanned, listEndedCampaigns, listFinishedCampaigns } from './end-campaign.store.ts'
import { countTowardsGoal } from './goal.store.ts'

/**
 * Cancels a campaign and everything of it that still waits, in one transaction. What is on its way is not touched. Locks
 * the campaign first, so no page being planned is missed. Returns how many deliveries were cancelled. Errors:
 * `forbidden/not_allowed`, `not_found`, `conflict/campaign_state`.
 */
export const cancelCampaignDeliveries = async (
  tx: TenantTx,
  campaignId: number,
  actor: ActingPerson,
): Promise<number> => {
  await cancelCampaign(tx, campaignId, actor)
  return cancelPlanned(tx, campaignId, 'campaign_cancelled', actor.at)
}

/**
 * Notes which running campaigns have reached their goal, and ends those that stop there with what still waits of them.
 * `at` is epoch ms. Returns the ids of those that reached it by now. Locks each of them.
 */
const concludeGoals = async (tx: TenantTx, at: number): Promise<readonly number[]> => {
  const reached: number[] = []
  for (const campaign of await listCampaigns(tx, { state: 'running', limit: 500 })) {
    const { goal, goalReachedAt } = campaign
    if (goal === null || (goalReachedAt !== null && !goal.stops)) continue
    if ((await countTowardsGoal(tx, campaign)) < goal.target) continue
    const locked = await lockCampaign(tx, campaign.id, 'update')
    if (locked.state !== 'running') continue
    await saveGoalReached(tx, campaign.id, at)
    reached.push(campaign.id)
    if (!goal.stops) continue
    await cancelPlanned(tx, campaign.id, 'goal_reached', at)
    await completeCampaign(tx, campaign.id, at)
  }
  return reached
}

/**
 * Ends what is over: waiting deliveries past their campaign's end, campaigns that reached the goal they stop at, and
 * running ones of which nothing is left to send. `at` is epoch ms. Returns the ids of campaigns that ended.
 */
export const completeFinishedCampaigns = async (tx: TenantTx, at: number): Promise<readonly number[]> => {
  for (const id of await listEndedCampaigns(tx, at)) {
    await lockCampaign(tx, id, 'update')
    await expirePlanned(tx, id, at)
  }
  const reached = await concludeGoals(tx, at)
  const ids = await listFinishedCampaigns(tx, at)
  for (const id of ids) await completeCampaign(tx, id, at)
  return [...new Set([...reached, ...ids])]
}

import type { TenantTx } from '#server/db/tenant-scope.ts'
import { cancelCampaign, completeCampaign } from '#server/modules/campaigns/index.ts'

import { cancelPlanned, listFinishedCampaigns } from './end-campaign.store.ts'

/**
 * Cancels a campaign and everything of it that still waits, in one transaction. What is on its way is not touched. Locks
 * the campaign first, so no page being planned is missed. `at` is epoch ms. Returns how many deliveries were cancelled.
 * Errors: `not_found`, `conflict/campaign_state`.
 */
export const cancelCampaignDeliveries = async (tx: TenantTx, campaignId: number, at: number): Promise<number> => {
  await cancelCampaign(tx, campaignId, at)
  return cancelPlanned(tx, campaignId, at)
}

/** Ends the tenant's running campaigns of which nothing is left to send. `at` is epoch ms. Returns their ids. */
export const completeFinishedCampaigns = async (tx: TenantTx, at: number): Promise<readonly number[]> => {
  const ids = await listFinishedCampaigns(tx)
  for (const id of ids) await completeCampaign(tx, id, at)
  return ids
}

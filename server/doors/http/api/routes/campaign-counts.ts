import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'
import { countCampaigns } from '#server/modules/delivery/index.ts'

/** Campaigns with how far each came. */
export const withCounts = async (tx: TenantTx, campaigns: readonly Campaign[]) => {
  const all = await countCampaigns(
    tx,
    campaigns.map(({ id }) => id),
  )
  return campaigns.flatMap((campaign) => {
    const counts = all.get(campaign.id)
    return counts ? [{ ...campaign, counts }] : []
  })
}

/** One campaign with how far it came. */
export const oneWithCounts = async (tx: TenantTx, campaign: Campaign) => {
  const [row] = await withCounts(tx, [campaign])
  if (!row) throw new Error('a campaign without figures')
  return row
}

import type { TenantTx } from '#server/db/tenant-scope.ts'
import { auditCampaign, getCampaign, reopenCampaign } from '#server/modules/campaigns/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { notifyQueue } from '../delivery.store.ts'
import { type RecipientFilter, countNotArrived, replanFailed } from './recipients.store.ts'

export interface RetryReport {
  /** Planned once more; whether they leave is the guard's word, as for any other. */
  readonly retried: number
  /** What stays as it is: unreachable people, and sends that may have arrived. */
  readonly left: Awaited<ReturnType<typeof countNotArrived>>
}

/**
 * Tries failed deliveries of a campaign once more: those that Telegram provably refused, to people the account reaches
 * now. A send nobody can vouch for is never repeated, it may have arrived. A campaign that ended by itself is opened
 * again for them. Locks the campaign. Audited. Errors: `forbidden/not_allowed`, `not_found`, `conflict/campaign_over`,
 * `conflict/campaign_state`.
 */
export const retryFailures = async (
  tx: TenantTx,
  campaignId: number,
  filter: Pick<RecipientFilter, 'reason' | 'step'>,
  actor: ActingPerson,
): Promise<RetryReport> => {
  requireCan(actor.access, 'campaigns.start')
  const { accountId } = await getCampaign(tx, campaignId)
  await reopenCampaign(tx, campaignId, actor.at)
  const retried = await replanFailed(tx, campaignId, filter, actor.at)
  await auditCampaign(tx, 'campaign.retried', campaignId, actor, { retried })
  if (retried > 0) await notifyQueue(tx, accountId)
  return { retried, left: await countNotArrived(tx, campaignId) }
}

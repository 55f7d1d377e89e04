import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findOwnSegments } from '#server/modules/segments/index.ts'
import { type ActingPerson, listMembers, requireCan } from '#server/modules/tenancy/index.ts'
import { listTemplates } from '#server/modules/templates/index.ts'

import { checkApproval, checkApprover } from './approval.rules.ts'
import { auditCampaign } from './audit-campaign.ts'
import { findNeedsApproval, saveNeedsApproval } from './campaign-policy.store.ts'
import { type Campaign, assertTransition } from './campaign.rules.ts'
import { getCampaign, lockCampaign, saveApproval, saveSubmission, setCampaignState } from './campaign.store.ts'
import { campaignVersion } from './campaign-version.rules.ts'

const versionOf = async (tx: TenantTx, campaign: Campaign): Promise<string> => {
  const ids = [...new Set(campaign.steps.map((step) => step.templateId))]
  const ownSegments = await findOwnSegments(tx, campaign.audience.own)
  return campaignVersion(campaign, await listTemplates(tx, { ids }), ownSegments)
}

/** Errors: those of {@link checkApproval}, where the tenant wants approvals; none otherwise. */
export const requireApproval = async (tx: TenantTx, campaign: Campaign): Promise<void> => {
  if (await findNeedsApproval(tx)) checkApproval(campaign, await versionOf(tx, campaign))
}

/**
 * Whether campaigns start only once somebody else approved them. Audited. Errors: `forbidden/not_allowed` without the
 * right to change settings.
 */
export const setCampaignApproval = async (
  tx: TenantTx,
  needsApproval: boolean,
  actor: ActingPerson,
): Promise<boolean> => {
  requireCan(actor.access, 'settings.edit')
  const before = await findNeedsApproval(tx)
  await saveNeedsApproval(tx, needsApproval, actor)
  await auditCampaign(tx, 'campaigns.approval_set', null, actor, { before, after: needsApproval })
  return needsApproval
}

/** Whether the tenant's campaigns need an approval. */
export const campaignsNeedApproval = (tx: TenantTx): Promise<boolean> => findNeedsApproval(tx)

/**
 * Puts a draft before somebody who approves it. Locks the campaign. Audited. Errors: `forbidden/not_allowed`,
 * `not_found`, `conflict/campaign_state`.
 */
export const submitCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.edit')
  assertTransition(await lockCampaign(tx, id, 'update'), 'in_review')
  await saveSubmission(tx, id, actor)
  await auditCampaign(tx, 'campaign.submitted', id, actor)
  return getCampaign(tx, id)
}

/** Gives a campaign back to be worked on. Locks it. Audited. Errors: as {@link submitCampaign}. */
export const returnCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.start')
  assertTransition(await lockCampaign(tx, id, 'update'), 'draft')
  await setCampaignState(tx, id, 'draft', actor.at)
  await auditCampaign(tx, 'campaign.returned', id, actor)
  return getCampaign(tx, id)
}

/**
 * Approves a campaign as it is now: who, when and what version stay with it, and any later change of content or audience
 * voids it. Approved are campaigns in review, and paused ones whose approval an edit took. Locks the campaign. Audited.
 * Errors: `forbidden/not_allowed`, `not_found`, `conflict/campaign_not_in_review`, `conflict/campaign_own_edit`.
 */
export const approveCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.start')
  const campaign = await lockCampaign(tx, id, 'update')
  if (campaign.state !== 'in_review' && campaign.state !== 'paused')
    throw new AppError('conflict', 'campaign_not_in_review', { field: 'state', campaign: id, state: campaign.state })
  checkApprover(campaign, actor, await listMembers(tx))
  const version = await versionOf(tx, campaign)
  await saveApproval(tx, id, version, actor)
  await auditCampaign(tx, 'campaign.approved', id, actor, { version: version.slice(0, 12) })
  return getCampaign(tx, id)
}

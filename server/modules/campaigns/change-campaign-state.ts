import type { CampaignState } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listTemplates } from '#server/modules/templates/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { requireApproval } from './approve-campaign.ts'
import { auditCampaign } from './audit-campaign.ts'
import { type Campaign, assertTransition } from './campaign.rules.ts'
import {
  findAccountState,
  getCampaign,
  lockCampaign,
  saveReopening,
  setCampaignPlanned,
  setCampaignState,
} from './campaign.store.ts'
import { requireAdLabel } from './create-campaign.ts'

const change = async (tx: TenantTx, campaign: Campaign, to: CampaignState, at: number): Promise<Campaign> => {
  assertTransition(campaign, to)
  await setCampaignState(tx, campaign.id, to, at)
  return getCampaign(tx, campaign.id)
}

/** Lets a paused campaign go on; a planning that the pause cut short is asked for again. */
const resume = async (tx: TenantTx, campaign: Campaign, actor: ActingPerson): Promise<Campaign> => {
  await requireApproval(tx, campaign)
  const resumed = await change(tx, campaign, 'running', actor.at)
  await auditCampaign(tx, 'campaign.resumed', campaign.id, actor)
  if (campaign.plannedAt === null) {
    await emitEvents(tx, actor.at, [{ type: 'campaign.started', payload: { campaignId: campaign.id } }])
  }
  return resumed
}

/**
 * Lets a campaign run: from here on its deliveries are planned and sent. Emits `campaign.started`, whose listener plans
 * them. Locks the campaign. Audited. Errors: `forbidden/not_allowed`, `not_found`, `conflict/campaign_state`,
 * `conflict/template_not_approved` and `conflict/account_unusable` naming what to mend first, `invalid/campaign_ad_label`,
 * `conflict/campaign_over` when it would have ended before it began, and where the tenant wants approvals
 * `conflict/campaign_not_approved` or `conflict/campaign_approval_stale`.
 */
export const startCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.start')
  const { at } = actor
  const campaign = await lockCampaign(tx, id, 'update')
  assertTransition(campaign, 'running')
  if (campaign.state === 'paused') return resume(tx, campaign, actor)
  if (campaign.endsAt !== null && campaign.endsAt <= at)
    throw new AppError('conflict', 'campaign_over', { field: 'endsAt', campaign: id })
  const account = await findAccountState(tx, campaign.accountId)
  if (account !== 'active') {
    throw new AppError('conflict', 'account_unusable', {
      field: 'accountId',
      account: campaign.accountId,
      state: account ?? '-',
    })
  }
  const ids = [...new Set(campaign.steps.map((step) => step.templateId))]
  const approved = new Set((await listTemplates(tx, { ids, state: 'approved' })).map((template) => template.id))
  const missing = ids.find((templateId) => !approved.has(templateId))
  if (missing !== undefined)
    throw new AppError('conflict', 'template_not_approved', { field: 'steps', template: missing })
  await requireAdLabel(tx, campaign)
  await requireApproval(tx, campaign)
  const started = await change(tx, campaign, 'running', at)
  await auditCampaign(tx, 'campaign.started', id, actor)
  await emitEvents(tx, at, [{ type: 'campaign.started', payload: { campaignId: id } }])
  return started
}

/**
 * Holds a running campaign: what waits stays where it is and is not claimed. Locks the campaign. Audited. Errors:
 * `forbidden/not_allowed`, `not_found`, `conflict/campaign_state`.
 */
export const pauseCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.start')
  const paused = await change(tx, await lockCampaign(tx, id, 'update'), 'paused', actor.at)
  await auditCampaign(tx, 'campaign.paused', id, actor)
  return paused
}

/** Holds a running campaign whose wording Telegram refuses. Locks it; `at` is epoch ms. Errors: as {@link pauseCampaign}. */
export const pauseFaultyCampaign = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await change(tx, await lockCampaign(tx, id, 'update'), 'paused', at)
  await auditCampaign(tx, 'campaign.paused', id, { by: 'system', at }, { reason: 'template_faulty' })
}

/**
 * Lets a paused campaign go on, emitting `campaign.started` again if the pause cut its planning short. Locks the
 * campaign. Audited. Errors: those of {@link startCampaign} about rights, state and approval; a draft is started instead.
 */
export const resumeCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.start')
  const campaign = await lockCampaign(tx, id, 'update')
  if (campaign.state !== 'paused') {
    throw new AppError('conflict', 'campaign_state', {
      field: 'state',
      campaign: id,
      state: campaign.state,
      wanted: 'running',
      possible: '-',
    })
  }
  return resume(tx, campaign, actor)
}

/**
 * Ends a campaign before its time, for good, and emits `campaign.finished`. Its waiting deliveries are the delivery
 * module's to cancel, in the same transaction: call that module's `cancelCampaignDeliveries` with it. Locks the
 * campaign. Audited. Errors: `forbidden/not_allowed`, `not_found`, `conflict/campaign_state`.
 */
export const cancelCampaign = async (tx: TenantTx, id: number, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.start')
  const ended = await change(tx, await lockCampaign(tx, id, 'update'), 'cancelled', actor.at)
  await auditCampaign(tx, 'campaign.cancelled', id, actor)
  await emitEvents(tx, actor.at, [{ type: 'campaign.finished', payload: { campaignId: id } }])
  return ended
}

/**
 * Ends a campaign whose deliveries are all through, and emits `campaign.finished`. Locks the campaign; `at` is epoch ms.
 * Errors: `not_found`, `conflict/campaign_state`.
 */
export const completeCampaign = async (tx: TenantTx, id: number, at: number): Promise<Campaign> => {
  const ended = await change(tx, await lockCampaign(tx, id, 'update'), 'completed', at)
  await emitEvents(tx, at, [{ type: 'campaign.finished', payload: { campaignId: id } }])
  return ended
}

/**
 * Opens a campaign again that ended by itself, for those of its deliveries that are tried once more. Locks it. Errors:
 * `not_found`, `conflict/campaign_over` past its end, `conflict/campaign_state` for one that was cancelled or never ran.
 */
export const reopenCampaign = async (tx: TenantTx, id: number, at: number): Promise<Campaign> => {
  const campaign = await lockCampaign(tx, id, 'update')
  if (campaign.endsAt !== null && campaign.endsAt <= at)
    throw new AppError('conflict', 'campaign_over', { field: 'endsAt', campaign: id })
  if (campaign.state === 'completed') await saveReopening(tx, id)
  else if (campaign.state !== 'running' && campaign.state !== 'paused') assertTransition(campaign, 'completed')
  return getCampaign(tx, id)
}

/** Notes that all deliveries of a campaign are written. `at` is epoch ms. */
export const markCampaignPlanned = (tx: TenantTx, id: number, at: number): Promise<void> =>
  setCampaignPlanned(tx, id, at)

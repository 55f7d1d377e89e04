import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findOwnSegments } from '#server/modules/segments/index.ts'
import { findAdvertFault, listTemplates } from '#server/modules/templates/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { auditCampaign } from './audit-campaign.ts'
import { findNeedsApproval } from './campaign-policy.store.ts'
import { settingsVersion } from './campaign-version.rules.ts'
import {
  type Campaign,
  type CampaignInput,
  type CampaignSettings,
  checkCampaign,
  checkStepsUnderWay,
} from './campaign.rules.ts'
import {
  findAccountState,
  findFurthestStep,
  findUnknownChat,
  getCampaign,
  insertCampaign,
  lockCampaign,
  recheckPositions,
  setCampaignState,
  updateCampaignRow,
} from './campaign.store.ts'

/**
 * A promo says who advertises and that it does (law 6563). Errors: `invalid/campaign_ad_label` naming template, variant
 * and language, and what is missing.
 */
export const requireAdLabel = async (
  tx: TenantTx,
  { kind, steps }: Pick<CampaignSettings, 'kind' | 'steps'>,
): Promise<void> => {
  if (kind !== 'promo') return
  for (const [i, { templateId }] of steps.entries()) {
    const fault = await findAdvertFault(tx, templateId)
    if (!fault) continue
    throw invalid('campaign_ad_label', `steps[${i}].templateId`, {
      template: templateId,
      variant: fault.variant ?? '-',
      locale: fault.locale ?? '-',
      finding: fault.code,
      fix: String(fault.params['fix'] ?? '-'),
    })
  }
}

/** Checks that account, chats and templates exist and that the templates may carry a campaign of this kind. */
const assertReferences = async (tx: TenantTx, settings: CampaignSettings): Promise<void> => {
  if ((await findAccountState(tx, settings.accountId)) === null) throw notFound('account', settings.accountId)
  const unknownChat = await findUnknownChat(tx, settings.audience.chats)
  if (unknownChat !== null)
    throw new AppError('not_found', 'not_found', { field: 'audience.chats', what: 'chat', id: unknownChat })
  const own = (await findOwnSegments(tx, settings.audience.own, 'share')).map((segment) => segment.id)
  const unknownOwn = settings.audience.own.find((id) => !own.includes(id))
  if (unknownOwn !== undefined)
    throw new AppError('not_found', 'own_segment_gone', { field: 'audience.own', id: unknownOwn })
  const ids = [...new Set(settings.steps.map((step) => step.templateId))]
  const templates = new Map((await listTemplates(tx, { ids })).map((template) => [template.id, template]))
  for (const [i, { templateId }] of settings.steps.entries()) {
    const template = templates.get(templateId)
    const field = `steps[${i}].templateId`
    if (!template) throw new AppError('not_found', 'not_found', { field, what: 'template', id: templateId })
    if (template.messageClass === 'reply') throw invalid('campaign_template_class', field, { messageClass: 'reply' })
    // Anything else would reach people who never agreed to advertising.
    if (settings.kind === 'promo' && template.messageClass !== 'commercial')
      throw invalid('campaign_promo_class', field, { messageClass: template.messageClass })
    if (template.state === 'archived')
      throw new AppError('conflict', 'template_archived', { field, template: templateId })
  }
  await requireAdLabel(tx, settings)
}

/**
 * Writes a new draft; nothing is sent before it is started. Audited. Errors: `forbidden/not_allowed`,
 * `invalid/campaign_…` naming the field, `not_found` for account, chat or template, `conflict/campaign_name_taken`.
 */
export const createCampaign = async (tx: TenantTx, input: CampaignInput, actor: ActingPerson): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.edit')
  const settings = checkCampaign(input, actor.at)
  await assertReferences(tx, settings)
  const id = await insertCampaign(tx, settings, actor)
  if (id === null) throw new AppError('conflict', 'campaign_name_taken', { field: 'name', name: settings.name })
  await auditCampaign(tx, 'campaign.created', id, actor, { kind: settings.kind })
  return getCampaign(tx, id)
}

const isDrip = ({ kind, state }: Campaign): boolean => kind === 'drip' && (state === 'running' || state === 'paused')

/** What may change of a drip under way: steps nobody was planned yet, its name, its end, and who may still enter. */
const settingsUnderWay = (before: Campaign, wanted: CampaignSettings): CampaignSettings => ({
  ...wanted,
  kind: before.kind,
  accountId: before.accountId,
  audience: before.audience,
  startsAt: before.startsAt,
  holdoutRatio: before.holdoutRatio,
  goal: wanted.goal,
})

/**
 * Replaces the settings of a campaign: all of a draft's or of one in review, which is a draft again, and of a drip under
 * way the steps that nobody was planned yet. An approval is void from here on; a drip under way that needs one waits,
 * paused, for the next. Locks the campaign. Audited. Errors: those of {@link createCampaign}, `not_found`,
 * `conflict/campaign_not_draft` once it was started, `conflict/campaign_step_planned`, `conflict/campaign_moved_on` when it
 * is no longer the version that was looked at.
 */
export const updateCampaign = async (
  tx: TenantTx,
  id: number,
  input: CampaignInput,
  actor: ActingPerson,
  expectedVersion?: string,
): Promise<Campaign> => {
  requireCan(actor.access, 'campaigns.edit')
  const before = await lockCampaign(tx, id, 'update')
  if (expectedVersion !== undefined && expectedVersion !== settingsVersion(before))
    throw new AppError('conflict', 'campaign_moved_on', { field: 'expectedVersion', campaign: id })
  const underWay = isDrip(before)
  if (!underWay && before.state !== 'draft' && before.state !== 'in_review') {
    throw new AppError('conflict', 'campaign_not_draft', { field: 'state', campaign: id, state: before.state })
  }
  // Of one under way the start is behind us; only what is still to come is checked against now.
  const { startsAt: _, ...timeless } = input
  const checked = checkCampaign(underWay ? { ...timeless, kind: 'drip' } : input, actor.at)
  const settings = underWay ? settingsUnderWay(before, checked) : checked
  if (underWay) checkStepsUnderWay(before.steps, settings.steps, await findFurthestStep(tx, id))
  await assertReferences(tx, settings)
  if (!(await updateCampaignRow(tx, id, settings, actor.by))) {
    throw new AppError('conflict', 'campaign_name_taken', { field: 'name', name: settings.name })
  }
  if (before.state === 'in_review') await setCampaignState(tx, id, 'draft', actor.at)
  if (underWay) {
    await recheckPositions(tx, id, actor.at)
    if (before.state === 'running' && (await findNeedsApproval(tx))) await setCampaignState(tx, id, 'paused', actor.at)
  }
  await auditCampaign(tx, 'campaign.updated', id, actor, { approvalVoided: before.approvedVersion !== null })
  return getCampaign(tx, id)
}

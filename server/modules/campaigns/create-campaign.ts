import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listTemplates } from '#server/modules/templates/index.ts'

import { type Campaign, type CampaignInput, type CampaignSettings, checkCampaign } from './campaign.rules.ts'
import { findAccountState, getCampaign, insertCampaign, lockCampaign, updateCampaignRow } from './campaign.store.ts'

/** Checks that account and templates exist and that the templates may carry a campaign. */
const assertReferences = async (tx: TenantTx, settings: CampaignSettings): Promise<void> => {
  if ((await findAccountState(tx, settings.accountId)) === null) throw notFound('account', settings.accountId)
  const ids = [...new Set(settings.steps.map((step) => step.templateId))]
  const templates = new Map((await listTemplates(tx, { ids })).map((template) => [template.id, template]))
  for (const [i, { templateId }] of settings.steps.entries()) {
    const template = templates.get(templateId)
    const field = `steps[${i}].templateId`
    if (!template) throw new AppError('not_found', 'not_found', { field, what: 'template', id: templateId })
    if (template.messageClass === 'reply') throw invalid('campaign_template_class', field, { messageClass: 'reply' })
    if (template.state === 'archived')
      throw new AppError('conflict', 'template_archived', { field, template: templateId })
  }
}

/**
 * Writes a new draft; nothing is sent before it is started. `at` is epoch ms. Errors: `invalid/campaign_…` naming the
 * field, `not_found` for account or template, `conflict/campaign_name_taken`.
 */
export const createCampaign = async (tx: TenantTx, input: CampaignInput, at: number): Promise<Campaign> => {
  const settings = checkCampaign(input, at)
  await assertReferences(tx, settings)
  const id = await insertCampaign(tx, settings, at)
  if (id === null) throw new AppError('conflict', 'campaign_name_taken', { field: 'name', name: settings.name })
  return getCampaign(tx, id)
}

/**
 * Replaces the settings of a draft. Locks the campaign; `at` is epoch ms. Errors: those of {@link createCampaign},
 * `not_found`, and `conflict/campaign_not_draft` once it was started.
 */
export const updateCampaign = async (tx: TenantTx, id: number, input: CampaignInput, at: number): Promise<Campaign> => {
  const settings = checkCampaign(input, at)
  const before = await lockCampaign(tx, id, 'update')
  if (before.state !== 'draft') {
    throw new AppError('conflict', 'campaign_not_draft', { field: 'state', campaign: id, state: before.state })
  }
  await assertReferences(tx, settings)
  if (!(await updateCampaignRow(tx, id, settings))) {
    throw new AppError('conflict', 'campaign_name_taken', { field: 'name', name: settings.name })
  }
  return getCampaign(tx, id)
}

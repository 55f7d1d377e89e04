import { inTenant } from '#server/db/tenant-scope.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Campaign, listCampaigns, lockCampaign } from '#server/modules/campaigns/index.ts'
import { listTemplates } from '#server/modules/templates/index.ts'

import { notifyQueue } from '../delivery.store.ts'
import { stepArms } from './campaign-plan.rules.ts'
import { insertDripSteps } from './campaign-plan.store.ts'
import { type DripMove, nextMove } from './drip.rules.ts'
import { listDuePositions, saveMoves, stopHandedOver } from './drip.store.ts'
import type { CampaignPlanDeps } from './plan-campaign.ts'

export interface DripReport {
  /** Steps planned. */
  readonly planned: number
  /** People whose drip ended early. */
  readonly stopped: number
  /** People who got the last step. */
  readonly done: number
}

/** People per transaction. */
const PAGE = 500

const writeSteps = async (
  tx: TenantTx,
  campaign: Campaign,
  moves: readonly { readonly contactId: number; readonly move: DripMove }[],
  now: number,
): Promise<void> => {
  const templates = await listTemplates(tx, { ids: campaign.steps.map((step) => step.templateId) })
  const planned = moves.flatMap(({ contactId, move }) =>
    move.kind === 'plan' ? [{ contactId, step: move.step, dueAt: move.dueAt }] : [],
  )
  const steps = new Set(planned.map(({ step }) => step))
  const arms = stepArms({ ...campaign, steps: campaign.steps }, templates, now, steps)
  await insertDripSteps(tx, campaign, arms, planned, now)
  await notifyQueue(tx, campaign.accountId)
}

/** One page of one drip; null when nobody is left to look at, or the drip does not run any more. */
const advancePage = async (tx: TenantTx, campaignId: number, now: number): Promise<readonly DripMove[] | null> => {
  const campaign = await lockCampaign(tx, campaignId, 'share')
  if (campaign.state !== 'running' || (campaign.endsAt !== null && campaign.endsAt <= now)) return null
  const due = await listDuePositions(tx, campaign, now, PAGE)
  if (due.length === 0) return null
  const moves = due.map((position) => ({
    contactId: position.contactId,
    move: nextMove(campaign.steps, position, now),
  }))
  if (moves.some(({ move }) => move.kind === 'plan')) await writeSteps(tx, campaign, moves, now)
  await saveMoves(tx, campaign.id, moves, now)
  return moves.map(({ move }) => move)
}

/**
 * Leads everybody in the tenant's running drips one step on whose time has come, in pages of 500 people per transaction.
 * Where somebody stands is kept in the database alone, so it may be killed at any moment and run by several processes at
 * once: each person is locked while they are looked at, and a step is written once. Each page holds a share lock on the
 * campaign, so a pause or an edit comes before or after it. Errors: `conflict/template_not_approved`.
 */
export const advanceDrips = async (deps: CampaignPlanDeps, tenantId: number): Promise<DripReport> => {
  const report = { planned: 0, stopped: 0, done: 0 }
  const drips = await inTenant(deps.db, tenantId, (tx) =>
    listCampaigns(tx, { state: 'running', kind: 'drip', limit: 500 }),
  )
  for (const drip of drips) {
    report.stopped += await inTenant(deps.db, tenantId, (tx) => stopHandedOver(tx, drip, deps.clock.now()))
    for (;;) {
      const moves = await inTenant(deps.db, tenantId, (tx) => advancePage(tx, drip.id, deps.clock.now()))
      if (moves === null) break
      report.planned += moves.filter((move) => move.kind === 'plan').length
      report.stopped += moves.filter((move) => move.kind === 'stop').length
      report.done += moves.filter((move) => move.kind === 'done').length
    }
  }
  return report
}

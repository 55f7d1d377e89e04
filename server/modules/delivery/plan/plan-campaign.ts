import type { Clock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { refreshStatistics } from '#server/db/statistics.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type Campaign, getCampaign, lockCampaign, markCampaignPlanned } from '#server/modules/campaigns/index.ts'
import { listTemplates } from '#server/modules/templates/index.ts'

import { notifyQueue } from '../delivery.store.ts'
import { countAudience } from './campaign-audience.store.ts'
import { saveChosenChats } from './announcement.store.ts'
import { type StepArm, campaignStart, stepArms } from './campaign-plan.rules.ts'
import { insertAnnouncement, insertCampaignPage } from './campaign-plan.store.ts'
import { chooseChats } from './choose-chats.ts'
import { enterDrip } from './drip.store.ts'

export interface CampaignPlanDeps {
  readonly db: Db
  readonly clock: Clock
}

export interface CampaignPlanOptions {
  /** Told after each page: people whose deliveries are written, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface CampaignPlanReport {
  /** People or chats the campaign is for. */
  readonly audience: number
  /** Deliveries written by this run, holdouts among them. */
  readonly written: number
  /** False when the campaign was paused or cancelled meanwhile: planning goes on when it is asked for again. */
  readonly isComplete: boolean
}

/** People per transaction: short enough that a cancellation waits for well under a second. */
const PAGE = 5_000

/** So many new rows at once make the queue another queue. */
const BULK = 1_000

/** Only a running campaign is planned: a pause or an end stops planning between two pages. */
const assertPlannable = (campaign: Campaign): void => {
  if (campaign.state === 'running') return
  throw new AppError('conflict', 'campaign_state', {
    field: 'state',
    campaign: campaign.id,
    state: campaign.state,
    wanted: 'running',
    possible: campaign.state === 'draft' || campaign.state === 'paused' ? 'running' : '-',
  })
}

interface PageReport {
  readonly people: number
  readonly written: number
  /** Where the next page begins; null when the audience is through. */
  readonly after: number | null
}

/** From when the steps of somebody are counted who enters a drip now: its start, or for who comes later this moment. */
const entryOf = (campaign: Campaign, now: number): number =>
  campaign.plannedAt === null ? campaignStart(campaign, now) : now

/** What is planned of a campaign now: all its steps, of a drip the first. */
const armsNow = async (tx: TenantTx, campaign: Campaign, now: number): Promise<readonly StepArm[]> => {
  const templates = await listTemplates(tx, { ids: campaign.steps.map((step) => step.templateId) })
  if (campaign.kind !== 'drip') return stepArms(campaign, templates, now)
  const since = entryOf(campaign, now)
  return stepArms({ ...campaign, startsAt: since, startedAt: since }, templates, now, new Set([0]))
}

const writePage = async (
  tx: TenantTx,
  campaign: Campaign,
  arms: readonly StepArm[],
  after: number,
  at: number,
): Promise<PageReport> => {
  if (campaign.kind === 'announcement') {
    const { targets, ranked } = await chooseChats(tx, campaign, at)
    if (ranked !== null) await saveChosenChats(tx, campaign.id, ranked)
    const written = await insertAnnouncement(tx, campaign, arms, targets, at)
    return { people: written, written, after: null }
  }
  const { lastContactId, people, written, entered } = await insertCampaignPage(tx, campaign, arms, {
    after,
    limit: PAGE,
    at,
  })
  if (campaign.kind === 'drip') await enterDrip(tx, campaign.id, entered, entryOf(campaign, at), at)
  return { people, written, after: people < PAGE ? null : lastContactId }
}

/**
 * Writes the deliveries of a running campaign: a snapshot of its audience times its steps, in pages of 5 000 people per
 * transaction. Of a drip the first step, and run again later that of those who came into the audience since. Run again after a crash or a pause it writes what is missing and nothing twice; run again after it was
 * completed it does nothing. Each page holds a share lock on the campaign, so a cancellation sees every row. Errors:
 * `not_found`, `conflict/campaign_state` unless it is running, `conflict/template_not_approved`.
 */
export const planCampaign = async (
  deps: CampaignPlanDeps,
  tenantId: number,
  campaignId: number,
  options: CampaignPlanOptions = {},
): Promise<CampaignPlanReport> => {
  const { campaign, total } = await inTenant(deps.db, tenantId, async (tx) => {
    const found = await getCampaign(tx, campaignId)
    assertPlannable(found)
    const isChats = found.kind === 'announcement'
    const now = deps.clock.now()
    const chats = isChats ? (await chooseChats(tx, found, now)).targets.length : null
    return { campaign: found, total: chats ?? (await countAudience(tx, found, now)) }
  })
  const isOpen = campaign.kind === 'drip' && campaign.takesLateJoiners
  if (campaign.plannedAt !== null && !isOpen) return { audience: total, written: 0, isComplete: true }
  let written = 0
  let done = 0
  for (let after: number | null = 0; after !== null;) {
    const page = await inTenant(deps.db, tenantId, async (tx) => {
      const locked = await lockCampaign(tx, campaignId, 'share')
      if (locked.state !== 'running') return null
      const now = deps.clock.now()
      const result = await writePage(tx, locked, await armsNow(tx, locked, now), after ?? 0, now)
      if (result.written > 0) await notifyQueue(tx, locked.accountId)
      return result
    })
    if (page === null) return { audience: total, written, isComplete: false }
    // The first page and the last change what PostgreSQL should expect of the queue.
    if (page.written >= BULK && (written < BULK || page.after === null)) await refreshStatistics(deps.db, ['delivery'])
    written += page.written
    done += page.people
    after = page.after
    options.onProgress?.(done, Math.max(done, total))
  }
  if (campaign.plannedAt === null)
    await inTenant(deps.db, tenantId, (tx) => markCampaignPlanned(tx, campaignId, deps.clock.now()))
  return { audience: total, written, isComplete: true }
}

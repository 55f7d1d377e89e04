import type { Clock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import type { JobHandlers } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Random } from '#server/base/random.ts'
import type { Db } from '#server/db/pool.ts'
import { advanceDrips, planCampaign, planDeliveries } from '#server/modules/delivery/index.ts'
import { writeSlots } from '#server/modules/conversations/index.ts'
import type { AskModel } from '#server/modules/llm/index.ts'
import { assignSegments, gatherOpinions, recomputeSegments } from '#server/modules/segments/index.ts'

import { type GroupJobDeps, createGroupJobs } from './group-jobs.ts'
import { type InviteJobDeps, createInviteJobs } from './invite-jobs.ts'
import { type WebhookJobDeps, createWebhookJobs } from './webhook-jobs.ts'

export interface JobDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly askModel: AskModel
  readonly segmentation: Logger
  readonly optimizer: Logger
  readonly invites: Pick<InviteJobDeps, 'chats' | 'translator'>
  readonly webhooks: Omit<WebhookJobDeps, 'log'>
  readonly groups: Pick<GroupJobDeps, 'moderation' | 'directory' | 'feed' | 'openAccount'>
}

/** Far enough that every contact's next allowed hour lies inside, whatever their time zone. */
const PLAN_HORIZON_MS = 24 * HOUR_MS

/** What is done for each job: one use case each. */
export const createJobHandlers = (deps: JobDeps): JobHandlers => ({
  ...createGroupJobs({ ...deps, ...deps.groups, log: deps.optimizer }),
  ...createInviteJobs({ ...deps, ...deps.invites, log: deps.optimizer }),
  ...createWebhookJobs({ ...deps.webhooks, log: deps.optimizer }),
  'segments.assign': async ({ tenantId, contactIds }) => {
    const { written, moved } = await assignSegments(deps, tenantId, contactIds)
    deps.segmentation.debug({ tenantId, asked: contactIds.length, written, moved }, 'segments assigned')
  },
  'segments.sweep': async ({ tenantId }, signal) => {
    const { assessed, written, moved } = await recomputeSegments(deps, tenantId, { signal })
    deps.segmentation.info({ tenantId, assessed, written, moved }, 'segments swept')
  },
  'segments.opinions': async ({ tenantId }) => {
    const { asked, opinions, moved, stoppedBy } = await gatherOpinions(deps, tenantId)
    deps.segmentation.info({ tenantId, asked, opinions, moved, stoppedBy }, 'opinions gathered')
  },
  'slots.write': async ({ tenantId }) => {
    const { asked, proposed, approved, failed, stoppedBy } = await writeSlots(deps, tenantId)
    deps.optimizer.info({ tenantId, asked, proposed, approved, failed, stoppedBy }, 'slots written')
  },
  'deliveries.plan': async ({ tenantId }) => {
    const { stop, considered, planned, holdouts } = await planDeliveries(deps, tenantId, PLAN_HORIZON_MS)
    deps.optimizer.info({ tenantId, stop, considered, planned, holdouts }, 'deliveries planned')
  },
  'drips.advance': async ({ tenantId }) => {
    const { planned, stopped, done } = await advanceDrips(deps, tenantId)
    deps.optimizer.info({ tenantId, planned, stopped, done }, 'drips advanced')
  },
  'campaign.plan': async ({ tenantId, campaignId }) => {
    try {
      const { audience, written, isComplete } = await planCampaign(deps, tenantId, campaignId)
      deps.optimizer.info({ tenantId, campaignId, audience, written, isComplete }, 'campaign planned')
    } catch (error) {
      // Paused, cancelled or removed since: there is nothing left to plan, and resuming asks again.
      if (!(error instanceof AppError && (error.kind === 'conflict' || error.kind === 'not_found'))) throw error
      deps.optimizer.info({ tenantId, campaignId, code: error.code }, 'campaign not planned')
    }
  },
})

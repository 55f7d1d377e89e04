import type { Clock } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import type { JobHandlers } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Random } from '#server/base/random.ts'
import type { Db } from '#server/db/pool.ts'
import { planCampaign, planDeliveries } from '#server/modules/delivery/index.ts'
import { assignSegments, recomputeSegments } from '#server/modules/segments/index.ts'

export interface JobDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly segmentation: Logger
  readonly optimizer: Logger
}

/** Far enough that every contact's next allowed hour lies inside, whatever their time zone. */
const PLAN_HORIZON_MS = 24 * HOUR_MS

/** What is done for each job: one use case each. */
export const createJobHandlers = (deps: JobDeps): JobHandlers => ({
  'segments.assign': async ({ tenantId, contactIds }) => {
    const { written, moved } = await assignSegments(deps, tenantId, contactIds)
    deps.segmentation.debug({ tenantId, asked: contactIds.length, written, moved }, 'segments assigned')
  },
  'segments.sweep': async ({ tenantId }, signal) => {
    const { assessed, written, moved } = await recomputeSegments(deps, tenantId, { signal })
    deps.segmentation.info({ tenantId, assessed, written, moved }, 'segments swept')
  },
  'deliveries.plan': async ({ tenantId }) => {
    const { stop, considered, planned, holdouts } = await planDeliveries(deps, tenantId, PLAN_HORIZON_MS)
    deps.optimizer.info({ tenantId, stop, considered, planned, holdouts }, 'deliveries planned')
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

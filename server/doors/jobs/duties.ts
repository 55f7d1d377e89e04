import type { Clock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { EnqueueJobs } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { foldActivity } from '#server/modules/analytics/index.ts'
import { tickSubscriptions } from '#server/modules/billing/index.ts'
import { listRunningDrips } from '#server/modules/campaigns/index.ts'
import {
  completeFinishedCampaigns,
  evaluateHealth,
  foldCampaignFigures,
  listTenantsWithCampaigns,
  pinAnnouncements,
} from '#server/modules/delivery/index.ts'
import { removeOldSupportTexts } from '#server/modules/admin/index.ts'
import { listTenants } from '#server/modules/tenancy/index.ts'

export interface DutyDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly enqueue: EnqueueJobs
  /** Housekeeping of the database floor. */
  readonly ensurePartitions: (at: number) => Promise<void>
  readonly removeOld: (at: number) => Promise<Readonly<Record<string, number>>>
}

/** One periodic duty, as the schedule takes it. */
export interface DutySpec {
  readonly name: string
  readonly everyMs: number
  run(at: number): Promise<void>
}

const activeTenants = (db: Db, why: string) =>
  asOperator(db, why, async (tx) => (await listTenants(tx)).filter((tenant) => tenant.state === 'active'))

/** A job for every active tenant, again and again. */
const forEachTenant = (
  { db, enqueue }: DutyDeps,
  name: 'deliveries.plan' | 'segments.opinions' | 'segments.sweep' | 'slots.write',
  everyMs: number,
): DutySpec => ({
  name,
  everyMs,
  run: async () =>
    enqueue(
      name,
      (await activeTenants(db, name)).map(({ id }) => ({ tenantId: id })),
    ),
})

const createDripDuties = (deps: DutyDeps): readonly DutySpec[] => [
  {
    name: 'drips.advance',
    everyMs: MINUTE_MS,
    async run() {
      const drips = await asOperator(deps.db, 'drips', listRunningDrips)
      const tenantIds = [...new Set(drips.map(({ tenantId }) => tenantId))]
      if (tenantIds.length > 0)
        await deps.enqueue(
          'drips.advance',
          tenantIds.map((tenantId) => ({ tenantId })),
        )
    },
  },
  {
    // Who came into the audience since enters at the first step.
    name: 'drips.enter',
    everyMs: 15 * MINUTE_MS,
    async run() {
      const open = (await asOperator(deps.db, 'drips', listRunningDrips)).filter((drip) => drip.takesLateJoiners)
      if (open.length > 0)
        await deps.enqueue(
          'campaign.plan',
          open.map(({ tenantId, campaignId }) => ({ tenantId, campaignId })),
        )
    },
  },
]

/** What is done again and again, and how often. */
export const createDuties = (deps: DutyDeps): readonly DutySpec[] => [
  forEachTenant(deps, 'deliveries.plan', 15 * MINUTE_MS),
  forEachTenant(deps, 'segments.opinions', 6 * HOUR_MS),
  forEachTenant(deps, 'segments.sweep', HOUR_MS),
  forEachTenant(deps, 'slots.write', HOUR_MS),
  {
    name: 'accounts.health',
    everyMs: 5 * MINUTE_MS,
    async run(at) {
      const accounts = await asOperator(deps.db, 'account health', listAccounts)
      for (const account of accounts) {
        if (account.state === 'active')
          await inTenant(deps.db, account.tenantId, (tx) => evaluateHealth(tx, account.id, at))
      }
    },
  },
  ...createDripDuties(deps),
  {
    name: 'campaigns.complete',
    everyMs: MINUTE_MS,
    async run(at) {
      const tenantIds = await asOperator(deps.db, 'campaigns', (tx) => listTenantsWithCampaigns(tx, at))
      for (const id of tenantIds)
        await inTenant(deps.db, id, async (tx) => {
          await pinAnnouncements(tx, at)
          await completeFinishedCampaigns(tx, at)
        })
    },
  },
  {
    name: 'figures.fold',
    everyMs: MINUTE_MS,
    async run() {
      await foldActivity(deps.db)
      await foldCampaignFigures(deps.db)
    },
  },
  {
    name: 'subscriptions.tick',
    everyMs: HOUR_MS,
    async run(at) {
      deps.log.info(await tickSubscriptions(deps, at), 'subscriptions moved')
    },
  },
  { name: 'database.partitions', everyMs: DAY_MS, run: (at) => deps.ensurePartitions(at) },
  {
    name: 'database.retention',
    everyMs: DAY_MS,
    async run(at) {
      deps.log.info(await deps.removeOld(at), 'old data removed')
      deps.log.info(await removeOldSupportTexts(deps.db, at), 'old words of support removed')
    },
  },
]

import type { Clock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { EnqueueJobs } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { tickSubscriptions } from '#server/modules/billing/index.ts'
import { completeFinishedCampaigns, evaluateHealth } from '#server/modules/delivery/index.ts'
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

/** What is done again and again, and how often. */
export const createDuties = (deps: DutyDeps): readonly DutySpec[] => [
  {
    name: 'deliveries.plan',
    everyMs: 15 * MINUTE_MS,
    run: async () =>
      deps.enqueue(
        'deliveries.plan',
        (await activeTenants(deps.db, 'plan')).map(({ id }) => ({ tenantId: id })),
      ),
  },
  {
    name: 'segments.sweep',
    everyMs: HOUR_MS,
    run: async () =>
      deps.enqueue(
        'segments.sweep',
        (await activeTenants(deps.db, 'sweep')).map(({ id }) => ({ tenantId: id })),
      ),
  },
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
  {
    name: 'campaigns.complete',
    everyMs: 5 * MINUTE_MS,
    async run(at) {
      for (const { id } of await activeTenants(deps.db, 'campaigns'))
        await inTenant(deps.db, id, (tx) => completeFinishedCampaigns(tx, at))
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

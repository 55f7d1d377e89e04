import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { type EventListener, defineListener } from '#server/base/events.ts'
import type { EnqueueJobs, JobHandlers } from '#server/base/jobs.ts'
import type { Clock } from '#server/base/clock.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import {
  NEWS_TYPES,
  type WebhookDeps,
  deliverDue,
  listTenantsWithDue,
  writeDeliveries,
} from '#server/modules/webhooks/index.ts'

import type { DutySpec } from './duties.ts'

/** What is due later than this is found by the duty. */
const SOON_MS = 2 * MINUTE_MS

export interface WebhookJobDeps extends WebhookDeps {
  readonly log: Logger
  readonly enqueue: EnqueueJobs
}

const jobsFor = (tenantIds: Iterable<number>) => [...new Set(tenantIds)].map((tenantId) => ({ tenantId }))

/** What is done for the webhooks of one tenant; its next attempt asks for itself where it is near. */
export const createWebhookJobs = (deps: WebhookJobDeps): Pick<JobHandlers, 'webhooks.deliver'> => ({
  async 'webhooks.deliver'({ tenantId }, signal) {
    const { delivered, refused, nextAt } = await deliverDue(deps, tenantId, signal)
    if (delivered + refused > 0) deps.log.info({ tenantId, delivered, refused }, 'webhooks called')
    const waitMs = nextAt === null ? SOON_MS : nextAt - deps.clock.now()
    if (waitMs < SOON_MS && !signal.aborted)
      await deps.enqueue('webhooks.deliver', [{ tenantId }], Math.max(1, Math.ceil(waitMs / SECOND_MS)))
  },
})

interface WebhookListenerDeps {
  readonly db: Db
  readonly enqueue: EnqueueJobs
  /** The time of the world outside. */
  readonly clock: Pick<Clock, 'now'>
}

/** Who writes down what endpoints are to be told. Idempotent: each has a key. */
export const createWebhookListeners = ({ db, clock, enqueue }: WebhookListenerDeps): readonly EventListener[] => [
  defineListener({
    name: 'webhooks.write',
    types: NEWS_TYPES,
    receive: async (events) => enqueue('webhooks.deliver', jobsFor(await writeDeliveries(db, events, clock.now()))),
  }),
  defineListener({
    name: 'webhooks.deliver',
    types: ['webhooks.waiting'],
    receive: (events) => enqueue('webhooks.deliver', jobsFor(events.map(({ tenantId }) => tenantId))),
  }),
]

/** Finds what waits for its moment, and what a process left that died. */
export const createWebhookDuties = ({ db, clock, enqueue }: WebhookListenerDeps): readonly DutySpec[] => [
  {
    name: 'webhooks.deliver',
    everyMs: MINUTE_MS,
    async run() {
      const ids = await asOperator(db, 'webhooks that are due', (tx) => listTenantsWithDue(tx, clock.now()))
      await enqueue('webhooks.deliver', jobsFor(ids))
    },
  },
]

import { MINUTE_MS } from '#server/base/duration.ts'
import { type EventListener, defineListener } from '#server/base/events.ts'
import type { EnqueueJobs, JobHandlers } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import {
  type RefreshDeps,
  listTenantsWithActs,
  listTenantsWithChats,
  performGroupActs,
  refreshChats,
} from '#server/modules/groups/index.ts'
import { listTenantsWithPosts, runDuePosts, settlePosts } from '#server/modules/posts/index.ts'

import type { DutySpec } from './duties.ts'

export interface GroupJobDeps extends RefreshDeps {
  readonly log: Logger
}

const payloads = (tenantIds: readonly number[]) => tenantIds.map((tenantId) => ({ tenantId }))

/** What is looked for again and again in groups: slots of posts, acts that wait, profiles that are old. */
export const createGroupDuties = (deps: { readonly db: Db; readonly enqueue: EnqueueJobs }): readonly DutySpec[] => [
  {
    name: 'posts.run',
    everyMs: MINUTE_MS,
    run: async (at) =>
      deps.enqueue('posts.run', payloads(await asOperator(deps.db, 'posts', (tx) => listTenantsWithPosts(tx, at)))),
  },
  {
    // The event of a wanted act asks at once; this sees to those that were put off.
    name: 'groups.act',
    everyMs: MINUTE_MS,
    run: async (at) =>
      deps.enqueue('groups.act', payloads(await asOperator(deps.db, 'acts', (tx) => listTenantsWithActs(tx, at)))),
  },
  {
    name: 'groups.refresh',
    everyMs: 15 * MINUTE_MS,
    run: async () => deps.enqueue('groups.refresh', payloads(await asOperator(deps.db, 'chats', listTenantsWithChats))),
  },
]

/** What is wanted in a group is done at once. */
export const createGroupListeners = (deps: { readonly enqueue: EnqueueJobs }): readonly EventListener[] => [
  defineListener({
    name: 'groups.act',
    types: ['group.acts_wanted'],
    receive: (events) => deps.enqueue('groups.act', payloads([...new Set(events.map(({ tenantId }) => tenantId))])),
  }),
]

/** What is done for each of these jobs. */
export const createGroupJobs = (
  deps: GroupJobDeps,
): Pick<JobHandlers, 'groups.act' | 'groups.refresh' | 'posts.run'> => ({
  'groups.act': async ({ tenantId }, signal) => {
    const tried = await performGroupActs(deps, tenantId, signal)
    if (tried > 0) deps.log.info({ tenantId, tried }, 'acts in groups performed')
  },
  'groups.refresh': async ({ tenantId }, signal) => {
    const asked = await refreshChats(deps, tenantId, signal)
    if (asked > 0) deps.log.info({ tenantId, asked }, 'chats asked about')
  },
  'posts.run': async ({ tenantId }) => {
    const queued = await inTenant(deps.db, tenantId, (tx) => runDuePosts(tx, deps.clock.now()))
    const settled = await inTenant(deps.db, tenantId, (tx) => settlePosts(tx, deps.clock.now()))
    if (queued + settled > 0) deps.log.info({ tenantId, queued, settled }, 'posts seen to')
  },
})

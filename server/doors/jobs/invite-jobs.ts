import type { Locale } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type EventListener, defineListener } from '#server/base/events.ts'
import type { EnqueueJobs, JobHandlers } from '#server/base/jobs.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { MemberDirectory } from '#server/modules/groups/index.ts'
import {
  type InviteLinkMaker,
  endInviteLinks,
  listTenantsWithInviteWork,
  makeInviteLinks,
  planInvites,
  refreshInterests,
  sendApprovedInvites,
  settleReferrals,
} from '#server/modules/invites/index.ts'
import { listTenants } from '#server/modules/tenancy/index.ts'

import type { DutySpec } from './duties.ts'
import { createInviteWording } from './invite-wording.ts'

export interface InviteJobDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  /** Asks Telegram about members, and makes and ends links. */
  readonly chats: MemberDirectory & InviteLinkMaker
  /** The catalogue `bot`. */
  readonly translator: (locale: Locale) => Translate
}

type InviteJobs = Pick<JobHandlers, 'invites.plan' | 'invites.work'>

/** What is done for invitations and referrals of one tenant. */
export const createInviteJobs = ({ db, clock, log, chats, translator }: InviteJobDeps): InviteJobs => {
  const wording = createInviteWording(translator)
  return {
    async 'invites.plan'({ tenantId }, signal) {
      const read = await refreshInterests({ db, clock }, tenantId, signal)
      const { proposed, counted } = await inTenant(db, tenantId, async (tx) => ({
        counted: await settleReferrals(tx, { at: clock.now() }),
        proposed: await planInvites(tx, clock.now()),
      }))
      log.info({ tenantId, read, counted, proposed: proposed?.people ?? 0 }, 'invitations planned')
    },
    async 'invites.work'({ tenantId }, signal) {
      const queued = await sendApprovedInvites({ db, clock, directory: chats, wording }, tenantId, signal)
      const made = await makeInviteLinks({ db, clock, maker: chats, wording }, tenantId, signal)
      const ended = await endInviteLinks({ db, clock, maker: chats }, tenantId, signal)
      log.info({ tenantId, queued, made, ended }, 'invitations worked')
    },
  }
}

/** Who hears of new work for invitations. Idempotent: the work is read from the tables. */
export const createInviteListeners = ({ enqueue }: { readonly enqueue: EnqueueJobs }): readonly EventListener[] => [
  defineListener({
    name: 'invites.work',
    types: ['invites.waiting'],
    receive: (events) =>
      enqueue(
        'invites.work',
        [...new Set(events.map((event) => event.tenantId))].map((tenantId) => ({ tenantId })),
      ),
  }),
]

/** What is done again and again; work that waits for its moment has no event that tells of it. */
export const createInviteDuties = (deps: { readonly db: Db; readonly enqueue: EnqueueJobs }): readonly DutySpec[] => [
  {
    name: 'invites.plan',
    everyMs: HOUR_MS,
    async run() {
      const tenants = await asOperator(deps.db, 'plan invitations', listTenants)
      const active = tenants.filter((tenant) => tenant.state === 'active')
      await deps.enqueue(
        'invites.plan',
        active.map(({ id }) => ({ tenantId: id })),
      )
    },
  },
  {
    name: 'invites.work',
    everyMs: MINUTE_MS,
    async run(at) {
      const tenantIds = await asOperator(deps.db, 'invitations that wait', (tx) => listTenantsWithInviteWork(tx, at))
      await deps.enqueue(
        'invites.work',
        tenantIds.map((tenantId) => ({ tenantId })),
      )
    },
  },
]

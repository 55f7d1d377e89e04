import type { Locale } from '#contract/words.ts'
import { type EventListener, type StoredEvent, defineListener } from '#server/base/events.ts'
import type { EnqueueJobs } from '#server/base/jobs.ts'
import type { Clock } from '#server/base/clock.ts'
import type { Translate } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import {
  type AccountsDeps,
  configureUpdates,
  endAccountsVia,
  fitAccountsToPackage,
  getAccount,
  linkRefusedBusinessAccounts,
  resumeAccountsVia,
} from '#server/modules/accounts/index.ts'
import { cancelForContact, greetOwner } from '#server/modules/delivery/index.ts'
import { fitGroupsToPackage } from '#server/modules/groups/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import { createInboxListeners } from './inbox-listeners.ts'
import { createNoticeListeners } from './notice-listeners.ts'

export interface ListenerDeps {
  readonly db: Db
  readonly clock: Clock
  readonly enqueue: EnqueueJobs
  readonly accounts: AccountsDeps
  /** The catalogue `bot`. */
  readonly translator: (locale: Locale) => Translate
}

/** Contacts of one job: assigned in one or two micro-batches. */
const IDS_PER_JOB = 1_000

/** The contacts that changed, once each, by tenant, in portions of a job. */
const segmentJobs = (events: readonly StoredEvent<'contact.changed'>[]) => {
  const byTenant = new Map<number, Set<number>>()
  for (const { tenantId, payload } of events) {
    const ids = byTenant.get(tenantId) ?? new Set()
    for (const id of payload.contactIds) ids.add(id)
    byTenant.set(tenantId, ids)
  }
  return [...byTenant].flatMap(([tenantId, set]) => {
    const ids = [...set]
    return Array.from({ length: Math.ceil(ids.length / IDS_PER_JOB) }, (_, i) => ({
      tenantId,
      contactIds: ids.slice(i * IDS_PER_JOB, (i + 1) * IDS_PER_JOB),
    }))
  })
}

/** Who acts on which event. Each is idempotent: an event may come twice. */
export const createListeners = (deps: ListenerDeps): readonly EventListener[] => [
  defineListener({
    name: 'segments.dirty',
    types: ['contact.changed'],
    receive: (events) => deps.enqueue('segments.assign', segmentJobs(events)),
  }),
  defineListener({
    name: 'deliveries.withdraw',
    types: ['contact.stopped'],
    async receive(events) {
      for (const { tenantId, payload } of events) {
        await inTenant(deps.db, tenantId, (tx) =>
          cancelForContact(tx, payload.contactId, 'suppressed', deps.clock.now()),
        )
      }
    },
  }),
  defineListener({
    name: 'campaigns.plan',
    types: ['campaign.started'],
    receive: (events) =>
      deps.enqueue(
        'campaign.plan',
        events.map(({ tenantId, payload }) => ({ tenantId, campaignId: payload.campaignId })),
      ),
  }),
  ...createAccountListeners(deps),
  ...createNoticeListeners(deps),
  ...createInboxListeners(deps),
]

/** What follows when accounts are linked or lost, or the package that holds them changes. */
const createAccountListeners = (deps: ListenerDeps): readonly EventListener[] => [
  defineListener({
    name: 'accounts.configure',
    // With another token, Telegram may have forgotten where updates go.
    types: ['account.linked', 'account.token_changed'],
    async receive(events) {
      for (const { tenantId, payload } of events) {
        const { state } = await inTenant(deps.db, tenantId, (tx) => getAccount(tx, payload.accountId))
        if (state === 'active') await configureUpdates(deps.accounts, tenantId, payload.accountId)
      }
    },
  }),
  defineListener({
    name: 'accounts.greet',
    types: ['account.linked'],
    async receive(events) {
      for (const { tenantId, payload } of events) {
        await inTenant(deps.db, tenantId, async (tx) => {
          const { locale: tenantLocale } = await getOwnTenant(tx)
          const { translator } = deps
          await greetOwner(tx, { ...payload, tenantLocale, translator, at: deps.clock.now() })
        })
      }
    },
  }),
  defineListener({
    name: 'accounts.carrier',
    types: ['account.linked', 'account.lost'],
    async receive(events) {
      for (const { type, payload } of events) {
        if (type === 'account.lost') await endAccountsVia(deps.db, payload.accountId, deps.clock.now())
        else await resumeAccountsVia(deps.accounts, payload.accountId, deps.clock.now())
      }
    },
  }),
  defineListener({
    name: 'accounts.fit',
    types: ['subscription.changed'],
    async receive(events) {
      for (const tenantId of new Set(events.map((event) => event.tenantId)))
        await inTenant(deps.db, tenantId, async (tx) => {
          await fitAccountsToPackage(tx, deps.clock.now())
          await fitGroupsToPackage(tx, deps.clock.now())
        })
    },
  }),
  defineListener({
    // After what rests already has its place again: who was linked first works first.
    name: 'accounts.refused',
    types: ['subscription.changed'],
    async receive(events) {
      for (const tenantId of new Set(events.map((event) => event.tenantId))) {
        await inTenant(deps.db, tenantId, (tx) => fitAccountsToPackage(tx, deps.clock.now()))
        await linkRefusedBusinessAccounts(deps.accounts, tenantId, deps.clock.now())
      }
    },
  }),
]

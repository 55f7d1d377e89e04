import { sql } from 'kysely'

import { removeOldEvents } from './db/parked-events.ts'
import { ensurePartitions } from './db/partitions.ts'
import type { Db } from './db/pool.ts'
import {
  RETENTION,
  dropOldDrafts,
  dropOldSlots,
  dropOldInboxTexts,
  dropOldTexts,
  removeFinishedUpdates,
  removeOldCalls,
  removeOldFaultDays,
  removeOldFires,
  removeOldModelAnswers,
  removeOldModelUse,
  removeOldWebhooks,
} from './db/retention.ts'

/** What the database floor does for itself, in the shape the duties take it. */
export const housekeeping = (db: Db, listenerNames: readonly string[]) => ({
  ensurePartitions: (at: number) => ensurePartitions(db, at),
  removeOld: async (at: number) => ({
    texts: await dropOldTexts(db, at),
    inboxTexts: await dropOldInboxTexts(db, at),
    drafts: await dropOldDrafts(db, at),
    slots: await dropOldSlots(db, at),
    updates: await removeFinishedUpdates(db, at),
    ruleFires: await removeOldFires(db, at),
    modelAnswers: await removeOldModelAnswers(db, at),
    webhooks: await removeOldWebhooks(db, at),
    faultDays: await removeOldFaultDays(db, at),
    calls: await removeOldCalls(db, at),
    modelUses: await removeOldModelUse(db, at),
    events: await removeOldEvents(db, at - RETENTION.eventMs, listenerNames),
  }),
})

/** What waits, for the metric `queue_depth`: counted from partial indexes, whatever the tables' sizes. */
export const readQueueDepths = async (db: Db): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await sql<{ queue: string; depth: number }>`
    select 'updates' as queue, count(*)::int as depth from update_inbox where state = 'new'
    union all select 'updates_parked', count(*)::int from update_inbox where state = 'parked'
    union all select 'deliveries', count(*)::int from delivery where state in ('planned', 'deferred')
    union all select 'deliveries_reserved', count(*)::int from delivery where state = 'reserved'
    union all select 'events_put_aside', count(*)::int from event_retry where parked_at is null
    union all select 'events_parked', count(*)::int from event_retry where parked_at is not null`.execute(db)
  return new Map(rows.map((row) => [row.queue, row.depth]))
}

import { sql } from 'kysely'

import type { DomainEvent } from '#server/base/events.ts'
import { toDate } from '#server/base/clock.ts'

import type { TenantTx } from './tenant-scope.ts'

/** The channel on which dispatchers hear that new events were committed; the payload names their types. */
export const EVENT_CHANNEL = 'gavatcore_event'

/** Writes `events` in the caller's transaction: they are dispatched if, and only if, it commits. */
export const emitEvents = async (tx: TenantTx, at: number, events: readonly DomainEvent[]): Promise<void> => {
  if (events.length === 0) return
  await tx
    .insertInto('domain_event')
    .values(
      events.map((e) => ({ tenant_id: tx.tenantId, type: e.type, payload: JSON.stringify(e.payload), at: toDate(at) })),
    )
    .execute()
  const types = [...new Set(events.map((event) => event.type))].join(',')
  await sql`select pg_notify(${EVENT_CHANNEL}, ${types})`.execute(tx)
}

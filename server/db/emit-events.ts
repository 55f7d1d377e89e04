import { sql } from 'kysely'

import type { DomainEvent } from '#server/base/events.ts'
import { toDate } from '#server/base/clock.ts'

import { ahead } from './sending-ahead.ts'
import type { TenantTx } from './tenant-scope.ts'

/** The channel on which dispatchers hear that new events were committed; the payload names their types. */
export const EVENT_CHANNEL = 'gavatcore_event'

/** Writes `events` in the caller's transaction: they are dispatched if, and only if, it commits. */
export const emitEvents = async (tx: TenantTx, at: number, events: readonly DomainEvent[]): Promise<void> => {
  if (events.length === 0) return
  await sql`${ahead}
    insert into domain_event (tenant_id, type, payload, at)
    select ${tx.tenantId}, e.type, e.payload::jsonb, ${toDate(at)}
    from unnest(${events.map(({ type }) => type)}::text[], ${events.map(({ payload }) => JSON.stringify(payload))}::text[])
      with ordinality as e (type, payload, place)
    order by e.place`.execute(tx)
  const types = [...new Set(events.map((event) => event.type))].join(',')
  await sql`${ahead} select pg_notify(${EVENT_CHANNEL}, ${types})`.execute(tx)
}

import { sql } from 'kysely'

import type { WebhookKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { DomainEvent } from '#server/base/events.ts'
import { EVENT_CHANNEL } from '#server/db/emit-events.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** What happened, and when (epoch ms). */
export type HappenedEvent = DomainEvent & { readonly at: number }

/** Writes events only where an endpoint of the tenant wants one of these kinds, in one statement: for what happens often. */
export const emitWanted = async (
  tx: TenantTx,
  kinds: readonly WebhookKind[],
  events: readonly HappenedEvent[],
): Promise<void> => {
  if (events.length === 0) return
  await sql`${ahead}
    with told as (
      insert into domain_event (tenant_id, type, payload, at)
      select ${tx.tenantId}, e.type, e.payload::jsonb, e.at
      from unnest(${events.map(({ type }) => type)}::text[], ${events.map(({ payload }) => JSON.stringify(payload))}::text[],
        ${events.map(({ at }) => toDate(at))}::timestamptz[]) as e (type, payload, at)
      where exists (select from webhook_endpoint
        where tenant_id = ${tx.tenantId} and state = 'active' and kinds && ${[...kinds]}::text[])
      returning type)
    select pg_notify(${EVENT_CHANNEL}, type) from (select distinct type from told) kind`.execute(tx)
}

import { sql } from 'kysely'

import type { WebhookKind } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { DomainEvent } from '#server/base/events.ts'
import { EVENT_CHANNEL } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Writes the event only where an endpoint of the tenant wants one of these kinds, in one statement: for what happens often. */
export const emitWanted = async (
  tx: TenantTx,
  at: number,
  kinds: readonly WebhookKind[],
  { type, payload }: DomainEvent,
): Promise<void> => {
  await sql`
    with told as (
      insert into domain_event (tenant_id, type, payload, at)
      select ${tx.tenantId}, ${type}, ${JSON.stringify(payload)}::jsonb, ${toDate(at)}
      where exists (select from webhook_endpoint
        where tenant_id = ${tx.tenantId} and state = 'active' and kinds && ${[...kinds]}::text[])
      returning id)
    select pg_notify(${EVENT_CHANNEL}, ${type}) from told`.execute(tx)
}

import type { StoredEvent } from '#server/base/events.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'

import { insertDeliveries } from './delivery.store.ts'
import { listListening } from './endpoint.store.ts'
import { newsOf, writePayload } from './news.rules.ts'
import { newMessageId } from './webhook.rules.ts'

/**
 * Writes what these events have to tell the endpoints of their tenants, due at `now`. An event that comes again writes
 * nothing twice; what happened before an endpoint was there, or while it was not told, is not told. Returns the tenants
 * that have something to deliver.
 */
export const writeDeliveries = async (
  db: Db,
  events: readonly StoredEvent[],
  now: number,
): Promise<readonly number[]> => {
  const byTenant = Map.groupBy(events, ({ tenantId }) => tenantId)
  if (byTenant.size === 0) return []
  const listening = await asOperator(db, 'webhooks that listen', (tx) => listListening(tx, [...byTenant.keys()]))
  const tenantIds: number[] = []
  for (const [tenantId, endpoints] of Map.groupBy(listening, (endpoint) => endpoint.tenantId)) {
    const wanted = (byTenant.get(tenantId) ?? []).flatMap((event) =>
      newsOf(event).flatMap(({ kind, key, data }) =>
        endpoints
          .filter(({ kinds, activeSince }) => kinds.has(kind) && event.at >= activeSince)
          .map(({ id: endpointId }) => ({
            endpointId,
            messageId: newMessageId(),
            key,
            kind,
            payload: writePayload(kind, event.at, data),
          })),
      ),
    )
    if (wanted.length === 0) continue
    await inTenant(db, tenantId, (tx) => insertDeliveries(tx, wanted, now))
    tenantIds.push(tenantId)
  }
  return tenantIds
}

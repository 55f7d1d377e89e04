import { AppError } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { getEndpoint } from './change-endpoints.ts'
import { saveReplay } from './delivery.store.ts'
import { getDelivery } from './list-deliveries.ts'
import type { WebhookDelivery } from './webhook.rules.ts'

/** What is asked for again would wait for nothing where nobody calls. */
const requireActive = async (tx: TenantTx, endpointId: number): Promise<void> => {
  const { state, name } = await getEndpoint(tx, endpointId)
  if (state !== 'active') throw new AppError('conflict', 'webhook_not_active', { name })
}

/**
 * Sends a delivery again from `now` on, under the same `webhook-id` and with the whole schedule before it, however it
 * ended. Audited; emits `webhooks.waiting`. Errors: `forbidden/not_allowed`, `not_found`, `conflict/webhook_not_active`.
 */
export const replayDelivery = async (
  tx: TenantTx,
  id: number,
  actor: ActingPerson,
  now: number,
): Promise<WebhookDelivery> => {
  requireCan(actor.access, 'webhooks.edit')
  const { endpointId } = await getDelivery(tx, id)
  await requireActive(tx, endpointId)
  await saveReplay(tx, { id }, now)
  await tell(tx, actor, `webhook_delivery:${id}`, 1)
  return getDelivery(tx, id)
}

/**
 * Sends all deliveries of an endpoint again that failed for good and were written at `since` or later. Returns how many.
 * Audited; emits `webhooks.waiting`. Errors: as of {@link replayDelivery}.
 */
export const replayFailed = async (
  tx: TenantTx,
  { endpointId, since }: { readonly endpointId: number; readonly since: number },
  actor: ActingPerson,
  now: number,
): Promise<number> => {
  requireCan(actor.access, 'webhooks.edit')
  await requireActive(tx, endpointId)
  const count = await saveReplay(tx, { endpointId, since }, now)
  if (count > 0) await tell(tx, actor, `webhook:${endpointId}`, count)
  return count
}

const tell = async (tx: TenantTx, { by, at }: ActingPerson, target: string, count: number): Promise<void> => {
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'webhook.replayed', target, detail: { count }, at })
  await emitEvents(tx, at, [{ type: 'webhooks.waiting', payload: {} }])
}

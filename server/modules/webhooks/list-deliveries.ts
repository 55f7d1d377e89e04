import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { selectDeliveries, selectDetail } from './delivery.store.ts'
import type { WebhookAttempt, WebhookDelivery } from './webhook.rules.ts'

/** One delivery with its last attempt. Errors: `not_found`. */
export const getDelivery = async (tx: TenantTx, id: number): Promise<WebhookDelivery> => {
  const [delivery] = await selectDeliveries(tx, { ids: [id], limit: 1 })
  if (!delivery) throw notFound('webhook_delivery', id)
  return delivery
}

/** One delivery with what was sent and every attempt. Errors: `not_found`. */
export const getDeliveryDetail = async (
  tx: TenantTx,
  id: number,
): Promise<WebhookDelivery & { readonly payload: string; readonly history: readonly WebhookAttempt[] }> => {
  const [delivery, detail] = [await getDelivery(tx, id), await selectDetail(tx, id)]
  if (!detail) throw notFound('webhook_delivery', id)
  return { ...delivery, payload: detail.payload, history: detail.attempts }
}

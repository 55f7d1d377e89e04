import { notFound } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type WebhookDeps, callEndpoint } from './call-endpoint.ts'
import { insertClaimed } from './delivery.store.ts'
import { findSecrets } from './endpoint.store.ts'
import { getDelivery } from './list-deliveries.ts'
import { writePayload } from './news.rules.ts'
import { openSecrets } from './open-secrets.ts'
import { CLAIM_MS, TEST_KIND, type WebhookDelivery, newMessageId } from './webhook.rules.ts'

/**
 * Sends a test to an endpoint, in whatever state it is, and waits for how it ends; it is not tried again and says
 * nothing of the endpoint's health. Audited. Errors: `forbidden/not_allowed`, `not_found`,
 * `internal/secret_unreadable`.
 */
export const testEndpoint = async (
  deps: WebhookDeps,
  tenantId: number,
  id: number,
  actor: ActingPerson,
): Promise<WebhookDelivery> => {
  requireCan(actor.access, 'webhooks.edit')
  const { target, delivery } = await inTenant(deps.db, tenantId, async (tx) => {
    const endpoint = await findSecrets(tx, id, 'as it is')
    if (!endpoint) throw notFound('webhook', id)
    const at = deps.clock.now()
    const messageId = newMessageId()
    const payload = writePayload(TEST_KIND, at, { endpointId: id })
    const news = { endpointId: id, messageId, key: `test:${messageId}`, kind: TEST_KIND, payload }
    const claimed = await insertClaimed(tx, news, { at, claimMs: CLAIM_MS })
    await recordAudit(tx, {
      tenantId,
      actor: actor.by,
      action: 'webhook.tested',
      target: `webhook:${id}`,
      at: actor.at,
    })
    const secrets = await openSecrets(tx, deps.box, { id, ...endpoint }, at)
    return { target: { tenantId, url: endpoint.url, secrets }, delivery: claimed }
  })
  await callEndpoint(deps, target, delivery)
  return inTenant(deps.db, tenantId, (tx) => getDelivery(tx, delivery.id))
}

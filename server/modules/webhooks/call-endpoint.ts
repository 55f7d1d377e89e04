import type { Clock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { Random } from '#server/base/random.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { WebhookCaller, WebhookResult } from '#server/gateways/webhooks/webhook-caller.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type ClaimedDelivery, saveAttempt } from './delivery.store.ts'
import { saveDisabled, saveHealth } from './endpoint.store.ts'
import { TEST_KIND, disablingAfter, endOfAttempt, signWebhook } from './webhook.rules.ts'

export interface WebhookDeps {
  readonly db: Db
  readonly box: SecretBox
  readonly caller: WebhookCaller
  /** The time of the world outside, which receivers compare with their own. */
  readonly clock: Pick<Clock, 'now'>
  readonly random: Random
  /** Of whoever calls, for the header `user-agent`. */
  readonly version: string
  /** How long a claim holds without an end, if not a minute. */
  readonly claimMs?: number
}

/** Where a claimed delivery goes, and what signs it. */
export interface CallTarget {
  readonly tenantId: number
  readonly url: string
  readonly secrets: readonly string[]
}

/** Makes the attempt that a claim began, with no transaction open, and writes how it ended. Returns whether it was taken. */
export const callEndpoint = async (
  deps: WebhookDeps,
  { tenantId, url, secrets }: CallTarget,
  delivery: ClaimedDelivery,
): Promise<boolean> => {
  const atSeconds = Math.floor(deps.clock.now() / SECOND_MS)
  const { messageId, payload: body } = delivery
  const result = await deps.caller.call({
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': `Gavatcore/${deps.version}`,
      'webhook-id': messageId,
      'webhook-timestamp': String(atSeconds),
      'webhook-signature': signWebhook({ id: messageId, atSeconds, body }, secrets),
    },
  })
  return inTenant(deps.db, tenantId, (tx) => recordAttempt(tx, deps, delivery, result))
}

const recordAttempt = async (
  tx: TenantTx,
  { clock, random }: WebhookDeps,
  delivery: ClaimedDelivery,
  result: WebhookResult,
): Promise<boolean> => {
  const at = clock.now()
  const status = result.kind === 'answered' ? result.status : null
  const fault = result.kind === 'unanswered' ? result.fault : null
  const isTest = delivery.kind === TEST_KIND
  const retryAfterMs = result.kind === 'answered' ? result.retryAfterMs : null
  const end = endOfAttempt(status, { tries: delivery.tries, chance: random.next(), isTest, retryAfterMs })
  const isTaken = end.state === 'delivered'
  // The endpoint first, as giving it up does: two that record at once do not wait for each other crosswise.
  const health = isTest ? null : await saveHealth(tx, delivery.endpointId, isTaken, at)
  await saveAttempt(tx, delivery, { status, fault, latencyMs: result.latencyMs }, end, at)
  if (isTaken || health?.state !== 'active' || health.failingSince === null) return isTaken
  const reason = disablingAfter(status, health.failingSince, at)
  if (reason === null) return false
  await saveDisabled(tx, delivery.endpointId, reason, at)
  const target = `webhook:${delivery.endpointId}`
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: 'system',
    action: 'webhook.disabled',
    target,
    detail: { reason },
    at,
  })
  await emitEvents(tx, at, [{ type: 'webhook.disabled', payload: { endpointId: delivery.endpointId, reason } }])
  return false
}

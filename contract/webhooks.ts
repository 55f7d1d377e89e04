import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { WEBHOOK_DELIVERY_STATES, WEBHOOK_DISABLINGS, WEBHOOK_FAULTS, WEBHOOK_KINDS, WEBHOOK_STATES } from './words.ts'

const count = z.number().int()
const kind = z.enum(WEBHOOK_KINDS)

const endpointFields = z.object({
  id: z.number(),
  name: z.string(),
  url: z.string(),
  kinds: z.array(kind),
  state: z.enum(WEBHOOK_STATES),
  /** Why the server gave up on it. */
  disabledReason: z.enum(WEBHOOK_DISABLINGS).nullable(),
  /** The first failure after the last success; null while it works. */
  failingSince: instant.nullable(),
  lastSuccessAt: instant.nullable(),
  /** Until when the secret of before signs beside the new one. */
  oldSecretUntil: instant.nullable(),
  createdBy: z.string(),
  createdAt: instant,
  /** Deliveries that wait for their next attempt, and those that were given up; of the last thirty days. */
  waiting: count,
  failed: count,
})
const endpoint = endpointFields.meta({ id: 'WebhookEndpoint' })
/** `secret` signs what is sent. It is in this answer and in no other. */
const endpointWithSecret = endpointFields.extend({ secret: z.string() }).meta({ id: 'WebhookEndpointWithSecret' })

/** Neither a status nor a fault: under way, or cut off with the server. */
const attempt = z
  .object({
    number: count,
    at: instant,
    status: count.nullable(),
    fault: z.enum(WEBHOOK_FAULTS).nullable(),
    latencyMs: count.nullable(),
  })
  .meta({ id: 'WebhookAttempt' })

const deliveryKind = z.enum([...WEBHOOK_KINDS, 'webhook.test'])
const deliveryFields = z.object({
  id: z.number(),
  endpointId: z.number(),
  /** The header `webhook-id`, the same in every attempt. */
  messageId: z.string(),
  kind: deliveryKind,
  state: z.enum(WEBHOOK_DELIVERY_STATES),
  attempts: count,
  /** The next attempt; null once it has ended. */
  nextAt: instant.nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
  last: attempt.nullable(),
})
const delivery = deliveryFields.meta({ id: 'WebhookDelivery' })

const wanted = {
  name: z.string().trim().min(1).max(100),
  url: z.string().trim().min(1).max(2_000),
  kinds: z.array(kind).min(1).max(WEBHOOK_KINDS.length),
}

export const webhooks = {
  list: route({
    method: 'GET',
    path: '/api/v1/webhooks',
    summary: 'Endpoints that are told what happens, with their health, oldest first.',
    access: 'webhooks.view',
    response: z.object({ items: z.array(endpoint) }),
  }),
  add: route({
    method: 'POST',
    path: '/api/v1/webhooks',
    summary: 'Adds an endpoint that is told of these kinds of events from now on.',
    access: 'webhooks.edit',
    body: z.strictObject(wanted),
    response: endpointWithSecret,
  }),
  change: route({
    method: 'PATCH',
    path: '/api/v1/webhooks/:id',
    summary: 'Changes what is given of an endpoint; `active` begins anew, and what happened meanwhile is not told.',
    access: 'webhooks.edit',
    params: idParams,
    body: z.strictObject({
      name: wanted.name.optional(),
      url: wanted.url.optional(),
      kinds: wanted.kinds.optional(),
      state: z.enum(['active', 'paused']).optional(),
    }),
    response: endpoint,
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/webhooks/:id',
    summary: 'Removes an endpoint with its log.',
    access: 'webhooks.edit',
    params: idParams,
    response: z.object({}),
  }),
  rotateSecret: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/secret',
    summary: 'Gives an endpoint a new secret; the one of before signs beside it for 24 hours.',
    access: 'webhooks.edit',
    params: idParams,
    response: endpointWithSecret,
  }),
  test: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/test',
    summary: 'Sends `webhook.test` to an endpoint and answers how that went. It is not tried again.',
    access: 'webhooks.edit',
    params: idParams,
    perMinute: 20,
    response: delivery,
  }),
  replayFailed: route({
    method: 'POST',
    path: '/api/v1/webhooks/:id/replay',
    summary: 'Sends everything again that an endpoint did not take since then.',
    access: 'webhooks.edit',
    params: idParams,
    body: z.strictObject({ since: instant.min(0) }),
    response: z.object({ count }),
  }),
  deliveries: route({
    method: 'GET',
    path: '/api/v1/webhook-deliveries',
    summary: 'What was sent, or waits to be, in the last thirty days, newest first.',
    access: 'webhooks.view',
    query: pageQuery(200).extend({
      cursor: z.string().regex(/^\d{1,15}$/).optional().meta({ description: 'The nextCursor of the page before.' }), // prettier-ignore
      endpoint: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
      state: z.enum(WEBHOOK_DELIVERY_STATES).optional(),
      kind: deliveryKind.optional(),
    }),
    response: pageOf(delivery),
  }),
  delivery: route({
    method: 'GET',
    path: '/api/v1/webhook-deliveries/:id',
    summary: 'One delivery with the body that is sent and every attempt.',
    access: 'webhooks.view',
    params: idParams,
    response: deliveryFields
      .extend({ payload: z.string(), history: z.array(attempt) })
      .meta({ id: 'WebhookDeliveryDetail' }),
  }),
  replay: route({
    method: 'POST',
    path: '/api/v1/webhook-deliveries/:id/replay',
    summary: 'Sends one delivery again, however it ended, under the same `webhook-id`.',
    access: 'webhooks.edit',
    params: idParams,
    response: delivery,
  }),
} as const

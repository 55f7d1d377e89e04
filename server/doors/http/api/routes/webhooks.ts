import {
  addEndpoint,
  changeEndpoint,
  getDeliveryDetail,
  listDeliveries,
  listEndpoints,
  removeEndpoint,
  replayDelivery,
  replayFailed,
  rotateSecret,
  testEndpoint,
} from '#server/modules/webhooks/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

export const webhookRoutes: Handlers['webhooks'] = ({ webhooks }) => {
  const now = () => webhooks.clock.now()
  return {
    list: ({ inTenant }) => inTenant(async (tx) => ({ items: await listEndpoints(tx) })),
    add: ({ inTenant, actor, body }) => inTenant((tx) => addEndpoint(tx, webhooks, body, actor)),
    change: ({ inTenant, actor, params, body }) =>
      inTenant((tx) => changeEndpoint(tx, webhooks, params.id, given(body), actor)),
    remove: ({ inTenant, actor, params }) =>
      inTenant(async (tx) => {
        await removeEndpoint(tx, params.id, actor)
        return {}
      }),
    rotateSecret: ({ inTenant, actor, params }) =>
      inTenant((tx) => rotateSecret(tx, webhooks, params.id, actor, now())),
    test: ({ tenant, actor, params }) => testEndpoint(webhooks, tenant.id, params.id, actor),
    replayFailed: ({ inTenant, actor, params, body }) =>
      inTenant(async (tx) => ({
        count: await replayFailed(tx, { endpointId: params.id, since: body.since }, actor, now()),
      })),
    deliveries: ({ inTenant, query: { cursor, limit, endpoint, state, kind } }) =>
      inTenant(async (tx) => {
        const filter = given({
          state,
          kind,
          endpointId: endpoint,
          beforeId: cursor === undefined ? undefined : Number(cursor),
        })
        const found = await listDeliveries(tx, { ...filter, limit: limit + 1 })
        const items = found.slice(0, limit)
        return { items, nextCursor: found.length > limit ? String(items.at(-1)?.id) : null }
      }),
    delivery: ({ inTenant, params }) => inTenant((tx) => getDeliveryDetail(tx, params.id)),
    replay: ({ inTenant, actor, params }) => inTenant((tx) => replayDelivery(tx, params.id, actor, now())),
  }
}

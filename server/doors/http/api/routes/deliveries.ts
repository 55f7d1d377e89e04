import { DAY_MS } from '#server/base/duration.ts'
import {
  cancelWaiting,
  explainDelivery,
  listWaiting,
  reportQueue,
  retryFailures,
} from '#server/modules/delivery/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

export const deliveryRoutes: Handlers['deliveries'] = () => ({
  queue: ({ inTenant, actor, at, query: { days } }) => inTenant((tx) => reportQueue(tx, at - days * DAY_MS, actor)),
  waiting: ({ inTenant, actor, query: { cursor, limit, accountId, reason } }) =>
    inTenant(async (tx) => {
      const after = cursor === undefined ? {} : { afterId: Number(cursor) }
      const items = await listWaiting(tx, { limit, ...after, ...given({ accountId, reason }) }, actor)
      return { items, nextCursor: items.length < limit ? null : String(items.at(-1)?.id) }
    }),
  cancel: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => ({ cancelled: await cancelWaiting(tx, { id }, actor) })),
  cancelWaiting: ({ inTenant, actor, body: { reason } }) =>
    inTenant(async (tx) => ({ cancelled: await cancelWaiting(tx, { reason }, actor) })),
  retry: ({ inTenant, actor, body: { campaignId } }) =>
    inTenant(async (tx) => ({ retried: (await retryFailures(tx, campaignId, {}, actor)).retried })),
  why: ({ inTenant, params: { id }, at }) =>
    inTenant(async (tx) => {
      const { campaignPaused, ...explanation } = await explainDelivery(tx, id, at)
      return { ...explanation, isCampaignPaused: campaignPaused }
    }),
})

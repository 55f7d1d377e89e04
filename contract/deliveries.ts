import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { DELIVERY_SOURCES, DELIVERY_STATES } from './words.ts'

const count = z.number().int()
const reason = z.string().min(1).max(60)

const waiting = z
  .object({
    id: z.number(),
    accountId: z.number(),
    contactId: z.number().nullable(),
    username: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    chatTitle: z.string().nullable(),
    source: z.enum(DELIVERY_SOURCES),
    campaignId: z.number().nullable(),
    campaign: z.string().nullable(),
    /** Null for one that only waits for its time. */
    reason: z.string().nullable(),
    dueAt: instant,
  })
  .meta({ id: 'WaitingDelivery' })

export const deliveries = {
  queue: route({
    method: 'GET',
    path: '/api/v1/deliveries/queue',
    summary: 'What waits, by reason, and what was held back or did not arrive in the last days.',
    access: 'deliveries.view',
    query: z.object({ days: z.coerce.number().int().min(1).max(30).default(7) }),
    response: z
      .object({
        waiting: z.array(z.object({ reason: z.string().nullable(), count, nextDueAt: instant })),
        heldBack: z.array(z.object({ state: z.enum(DELIVERY_STATES), reason: z.string(), count })),
        /** With sends that Telegram refused and that may be tried once more. */
        failedCampaigns: z.array(z.object({ campaignId: z.number(), name: z.string(), count })),
      })
      .meta({ id: 'DeliveryQueue' }),
  }),
  waiting: route({
    method: 'GET',
    path: '/api/v1/deliveries/waiting',
    summary: 'The messages that wait, in the order in which they were planned.',
    access: 'deliveries.view',
    query: pageQuery(200, 20).extend({
      cursor: z.string().regex(/^\d{1,15}$/).optional(), // prettier-ignore
      accountId: z.coerce.number().int().min(1).optional(),
      reason: reason.optional(),
    }),
    response: pageOf(waiting),
  }),
  cancel: route({
    method: 'POST',
    path: '/api/v1/deliveries/:id/cancel',
    summary: 'Takes back one message that waits.',
    access: 'campaigns.start',
    params: idParams,
    response: z.object({ cancelled: count }),
  }),
  cancelWaiting: route({
    method: 'POST',
    path: '/api/v1/deliveries/cancel',
    summary: 'Takes back all that wait for this reason; null is those that only wait for their time.',
    access: 'campaigns.start',
    body: z.strictObject({ reason: reason.nullable() }),
    response: z.object({ cancelled: count }),
  }),
  retry: route({
    method: 'POST',
    path: '/api/v1/deliveries/retry',
    summary: 'Tries once more what Telegram refused of a campaign; what may have arrived is never repeated.',
    access: 'campaigns.start',
    body: z.strictObject({ campaignId: z.number().int().min(1) }),
    response: z.object({ retried: count }),
  }),
  why: route({
    method: 'GET',
    path: '/api/v1/deliveries/:id/why',
    summary: 'Why a message was not sent: what was recorded, and what the guard would say now if it still waits.',
    access: 'deliveries.view',
    params: idParams,
    response: z
      .object({
        deliveryId: z.number(),
        state: z.enum(DELIVERY_STATES),
        dueAt: instant,
        /** What was recorded when it was last looked at. */
        recordedReason: z.string().nullable(),
        /** Of one that waits. */
        nowSays: z
          .object({
            kind: z.enum(['allow', 'defer', 'refuse']),
            reason: z.string().nullable(),
            until: instant.nullable(),
          })
          .nullable(),
        isCampaignPaused: z.boolean(),
      })
      .meta({ id: 'NotSent' }),
  }),
} as const

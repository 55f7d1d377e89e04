import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'

const count = z.number().int()
const days = z.coerce.number().int().min(1).max(90).default(30)

const group = z
  .object({
    id: z.number(),
    kind: z.enum(['group', 'supergroup', 'channel']),
    title: z.string(),
    username: z.string().nullable(),
    /** As Telegram said last; null if it never did. */
    memberCount: count.nullable(),
    /** People of the tenant known to be in it. */
    knownMembers: count,
    addedAt: instant,
    messages: count,
    active: count.meta({ description: 'People who wrote.' }),
    joined: count,
    left: count,
    lastMessageAt: instant.nullable(),
    isQuiet: z.boolean().meta({ description: 'Nobody wrote for a week.' }),
  })
  .meta({ id: 'Group' })

export const groups = {
  list: route({
    method: 'GET',
    path: '/api/v1/groups',
    summary: 'The groups and channels of the tenant’s accounts by title, with what was seen in each in the last days.',
    access: 'analytics.view',
    query: pageQuery(100).extend({ days, search: z.string().trim().min(1).max(100).optional() }),
    response: pageOf(group),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/groups/:id',
    summary: 'One group in the last days: by day, by hour of the week, by kind of message, and who wrote most.',
    access: 'analytics.view',
    params: idParams,
    query: z.object({ days }),
    response: z.object({
      group,
      blindness: z
        .enum(['privacy_mode', 'silent'])
        .nullable()
        .meta({ description: 'Why messages do not arrive though nothing looks wrong.' }),
      timeZone: z.string(),
      days: z.array(z.object({ on: z.iso.date(), messages: count, active: count, joined: count, left: count })),
      /** 1 is Monday. */
      slots: z.array(z.object({ weekday: count, hour: count, messages: count })),
      kinds: z.array(z.object({ kind: z.string(), messages: count })),
      members: z.array(
        z.object({
          contactId: z.number(),
          username: z.string().nullable(),
          firstName: z.string().nullable(),
          lastName: z.string().nullable(),
          messages: count,
          lastMessageAt: instant,
        }),
      ),
    }),
  }),
} as const

import { z } from 'zod'

import { usage } from './billing.ts'
import { idParams, instant } from './paging.ts'
import { route } from './route.ts'
import { DELIVERY_STATES, GROUP_POST_STATES } from './words.ts'

const count = z.number().int()
/** Room for what the server looks at itself: it names the field and its bounds. */
const text = z.string().max(20_000)
const wholeId = count.min(1).max(Number.MAX_SAFE_INTEGER)

const content = z.union([z.strictObject({ text }), z.strictObject({ templateId: wholeId })])

const times = z.array(text.meta({ description: '`09:00`, on the tenant’s clock.' })).max(100)
const schedule = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('every'), hours: z.number() }),
    z.strictObject({ kind: z.literal('daily'), times }),
    z.strictObject({
      kind: z.literal('weekly'),
      weekdays: z.array(count).max(20).meta({ description: '1 is Monday.' }),
      times,
    }),
  ])
  .meta({ id: 'PostSchedule' })

const post = z
  .object({
    id: z.number(),
    chatId: z.number(),
    accountId: z.number(),
    name: z.string(),
    content,
    schedule,
    startsOn: z.iso.date(),
    endsOn: z.iso.date().nullable(),
    pins: z.boolean(),
    state: z.enum(GROUP_POST_STATES),
    pauseReason: z.string().nullable(),
    upcoming: z.array(instant).meta({ description: 'The next five times, while it is active.' }),
    /** The last ten times, the newest first. */
    runs: z.array(
      z.object({
        slotAt: instant,
        state: z.enum(DELIVERY_STATES).nullable().meta({ description: 'Null when nothing was posted.' }),
        reason: z.string().nullable(),
        skipped: count.meta({ description: 'Times before it that passed while nobody worked.' }),
      }),
    ),
  })
  .meta({ id: 'GroupPost' })

const act = <const P extends string>(name: P, summary: string) =>
  route({
    method: 'POST',
    path: `/api/v1/posts/:id/${name}`,
    summary,
    access: 'campaigns.start',
    params: idParams,
    response: z.object({}),
  })

export const posts = {
  list: route({
    method: 'GET',
    path: '/api/v1/groups/:id/posts',
    summary: 'Posts by schedule into one group, what comes and what became of the last ones, and what bounds them.',
    access: 'campaigns.view',
    params: idParams,
    response: z.object({
      items: z.array(post),
      isOn: z.boolean().meta({ description: 'Whether posts by schedule go out into this group at all.' }),
      /** Accounts that are in the group; only one that an administrator let in may post by schedule. */
      accounts: z.array(z.object({ id: z.number(), name: z.string(), isInstalled: z.boolean() })),
      pauseSeconds: count.meta({ description: 'Between any two posts into one group.' }),
      usage: z.array(usage),
    }),
  }),
  plan: route({
    method: 'POST',
    path: '/api/v1/groups/:id/posts',
    summary: 'Plans a post by schedule; it begins at its first time from now on.',
    access: 'campaigns.start',
    params: idParams,
    body: z.strictObject({
      accountId: wholeId,
      name: text,
      content,
      schedule,
      startsOn: text.optional().meta({ description: '`2026-06-01`; today when left out.' }),
      endsOn: text.optional().meta({ description: 'The last day; for ever when left out.' }),
      pins: z.boolean().default(false),
    }),
    response: z.object({ id: z.number() }),
  }),
  turn: route({
    method: 'PUT',
    path: '/api/v1/groups/:id/posting',
    summary:
      'Lets posts by schedule out into a group, by an account that an administrator of it let in, or stops them.',
    access: 'settings.edit',
    params: idParams,
    body: z.strictObject({ isOn: z.boolean(), accountId: wholeId.optional() }),
    response: z.object({ isOn: z.boolean() }),
  }),
  pause: act('pause', 'Holds a post and takes back what waits of it.'),
  resume: act('resume', 'Lets a held post go on at its next time.'),
  cancel: route({
    method: 'DELETE',
    path: '/api/v1/posts/:id',
    summary: 'Cancels a post and takes back what waits of it; what was posted stays.',
    access: 'campaigns.start',
    params: idParams,
    response: z.object({}),
  }),
} as const

import { z } from 'zod'

import { usage } from './billing.ts'
import { idParams, instant } from './paging.ts'
import { route } from './route.ts'
import { ACCOUNT_HEALTHS, ACCOUNT_KINDS, ACCOUNT_STATES, OWN_LIMITS, SPAM_LEVELS } from './words.ts'

const count = z.number().int()
const bound = count.nullable()

/** One figure an account is judged by: a ratio 0–1 of `sends`, or a count of its own. */
const evidence = z.object({
  name: z.string(),
  value: z.number(),
  count,
  sends: count.nullable(),
  slowAt: z.number(),
  stopAt: z.number(),
  /** Too few sends to say anything. */
  isTooEarly: z.boolean(),
})

const account = z
  .object({
    id: z.number(),
    kind: z.enum(ACCOUNT_KINDS),
    state: z.enum(ACCOUNT_STATES),
    stateReason: z.string().nullable(),
    displayName: z.string(),
    username: z.string().nullable(),
    linkedAt: instant,
    /** Until when Telegram asked it to wait; null when it does not. */
    waitingUntil: instant.nullable(),
    /** Why nothing is sent through it; null while sending is allowed. */
    sendingStopped: z.string().nullable(),
    health: z.object({
      state: z.enum(ACCOUNT_HEALTHS),
      reason: z.string().nullable(),
      since: instant.nullable(),
      evidence: z.array(evidence),
      /** When it comes back one step if nothing new happens. */
      nextStepAt: instant.nullable(),
      fullSpeedAt: instant.nullable(),
      /** Of an account that is under a week old. */
      warmUp: z.object({ day: count, capToday: bound, capTomorrow: bound }).nullable(),
      commercialToday: count,
    }),
    /** What it may send as things are; null where nothing bounds it from this side. */
    pace: z.object({
      perSecond: z.number(),
      perMinute: z.number().nullable(),
      commercialPerDay: bound,
      outreachPerHour: bound,
      outreachPerDay: bound,
    }),
  })
  .meta({ id: 'Account' })

const limits = z.object(Object.fromEntries(OWN_LIMITS.map((name) => [name, bound])) as Record<(typeof OWN_LIMITS)[number], typeof bound>) // prettier-ignore

const limitsInForce = z
  .object({
    /** Which level of protection was chosen, and which holds with this package. */
    chosenLevel: z.enum(SPAM_LEVELS),
    level: z.enum(SPAM_LEVELS),
    ofPackage: limits,
    own: limits,
    /** Which of them may be held tighter at the level that holds. */
    mayTighten: z.array(z.enum(OWN_LIMITS)),
  })
  .meta({ id: 'SafeLimits' })

const sending = z
  .object({
    /** Why the tenant sends nothing; null while it does. */
    stopped: z.string().nullable(),
    /** Why nobody on this installation does. */
    stoppedForAll: z.string().nullable(),
  })
  .meta({ id: 'Sending' })

const reason = z.string().trim().min(1).max(200).meta({ description: 'Shown wherever somebody asks why.' })

const act = <const P extends string>(name: P, summary: string) =>
  route({
    method: 'POST',
    path: `/api/v1/accounts/:id/${name}`,
    summary,
    access: 'accounts.control',
    params: idParams,
    response: z.object({}),
  })

export const accounts = {
  list: route({
    method: 'GET',
    path: '/api/v1/accounts',
    summary: 'The linked accounts: how each works, by which figures it is judged, how it comes back and how fast it may send.', // prettier-ignore
    access: 'accounts.view',
    response: z.object({ items: z.array(account), sending, usage: z.array(usage) }),
  }),
  pause: route({
    method: 'POST',
    path: '/api/v1/accounts/:id/pause',
    summary: 'Stops one account: it neither reads nor sends until it is started again. What is planned waits.',
    access: 'accounts.control',
    params: idParams,
    body: z.strictObject({ reason }),
    response: z.object({}),
  }),
  resume: act('resume', 'Starts a stopped account again, where the package has room for it.'),
  resumeSending: act('sending/resume', 'Lets one account send again whose sending alone was stopped.'),
  review: act(
    'review',
    'Says that the cause of a strained account is mended: the way back becomes shorter, no limit is lifted.',
  ),
  stopSending: route({
    method: 'POST',
    path: '/api/v1/sending/stop',
    summary: 'Stops all sending of the tenant at once, answers included; what is planned waits.',
    access: 'sending.stop',
    body: z.strictObject({ reason }),
    response: sending,
  }),
  resumeSendingOfAll: route({
    method: 'POST',
    path: '/api/v1/sending/resume',
    summary: 'Lets the tenant send again.',
    access: 'sending.resume',
    response: sending,
  }),
  limits: route({
    method: 'GET',
    path: '/api/v1/accounts/limits',
    summary: 'The limits of sending: the package’s, and those the tenant holds tighter.',
    access: 'settings.view',
    response: limitsInForce,
  }),
  setLimits: route({
    method: 'PUT',
    path: '/api/v1/accounts/limits',
    summary: 'Holds limits of sending tighter than the package does; null takes one back. None can be loosened.',
    access: 'settings.edit',
    body: z.strictObject({
      level: z.enum(SPAM_LEVELS).optional(),
      limits: z
        .strictObject(
          Object.fromEntries(OWN_LIMITS.map((name) => [name, bound.optional()])) as Record<
            (typeof OWN_LIMITS)[number],
            z.ZodOptional<typeof bound>
          >,
        ) // prettier-ignore
        .optional(),
    }),
    response: limitsInForce,
  }),
} as const

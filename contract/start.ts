import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'
import { ONBOARDING_STATES, PACKAGES, START_STATES, START_STEPS } from './words.ts'

const count = z.number().int()

/** What a tenant has done of what it takes to begin. */
const progress = z
  .object({
    steps: z.array(z.object({ step: z.enum(START_STEPS), state: z.enum(START_STATES) })),
    done: count,
    total: count,
    isComplete: z.boolean(),
    package: z.enum(PACKAGES),
    /** The bot that people write to, to be the first in a segment; null until one is linked. */
    botUsername: z.string().nullable(),
  })
  .meta({ id: 'StartProgress' })

/** One person's way to a business of their own; the same one that the panel's bot shows. */
const newcomer = z
  .object({
    state: z.enum(ONBOARDING_STATES),
    package: z.enum(PACKAGES).nullable(),
    tenantId: z.number().nullable(),
    expiresAt: instant.nullable(),
  })
  .meta({ id: 'Newcomer' })

const offer = z.object({
  package: z.enum(PACKAGES),
  /** For one period; 0 for the trial. */
  priceMinor: count,
  currency: z.string(),
  days: count,
  accounts: count.nullable(),
})

export const start = {
  progress: route({
    method: 'GET',
    path: '/api/v1/start',
    summary: 'What is done of a set-up: package, payment, account, first segment, test message.',
    access: 'tenant.view',
    response: progress,
  }),
  newcomer: route({
    method: 'GET',
    path: '/api/v1/start/newcomer',
    summary: 'Where somebody without a business stands, what they can choose, and the bot that does the same.',
    access: 'session',
    response: z.object({
      /** Null while nothing was begun. */
      open: newcomer.nullable(),
      /** What may be chosen now; empty where nothing can be begun here. */
      offers: z.array(offer),
      panelBot: z.string().nullable(),
    }),
  }),
  begin: route({
    method: 'POST',
    path: '/api/v1/start/newcomer',
    summary: 'Chooses a package for a business of one’s own; it works at once with the trial, else when it is paid.',
    access: 'session',
    perMinute: 20,
    body: z.strictObject({
      package: z.enum(PACKAGES),
      /** Of the business, where nothing was begun before. */
      name: z.string().trim().min(1).max(50).optional(),
    }),
    response: newcomer,
  }),
  payPage: route({
    method: 'POST',
    path: '/api/v1/start/newcomer/pay-page',
    summary: 'A link to the page that takes the payment for what was chosen: opened once, within ten minutes.',
    access: 'session',
    response: z.object({ path: z.string(), expiresAt: instant }),
  }),
} as const

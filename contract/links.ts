import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'

const linked = z
  .object({ id: z.number(), displayName: z.string(), username: z.string().nullable() })
  .meta({ id: 'LinkedAccount' })

/** A business connection that is on and belongs to no account yet. */
const waiting = z
  .object({
    viaAccountId: z.number(),
    ownerTelegramId: z.number(),
    ownerName: z.string(),
    username: z.string().nullable(),
  })
  .meta({ id: 'WaitingConnection' })

/** The ways to link an account to the tenant. */
export const links = {
  ways: route({
    method: 'GET',
    path: '/api/v1/links',
    summary: 'How accounts can be linked here, and business connections that wait to be taken.',
    access: 'accounts.link',
    response: z.object({
      /** Whether people can link accounts of their own on this installation. */
      own: z.boolean(),
      /** Bots that a person can add as a chatbot of their Telegram Business account. */
      businessBots: z.array(z.string()),
      waiting: z.array(waiting),
    }),
  }),
  bot: route({
    method: 'POST',
    path: '/api/v1/links/bots',
    summary: 'Links a bot by the token that BotFather gave; Telegram is asked whose it is, and it is kept sealed.',
    access: 'accounts.link',
    perMinute: 20,
    body: z.strictObject({ token: z.string().trim().min(1).max(200) }),
    response: linked,
  }),
  business: route({
    method: 'POST',
    path: '/api/v1/links/business',
    summary: 'Makes a business connection that waits an account of the tenant.',
    access: 'accounts.link',
    body: z.strictObject({
      viaAccountId: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
      ownerTelegramId: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    }),
    response: linked,
  }),
  own: route({
    method: 'POST',
    path: '/api/v1/links/own',
    summary: 'A link to the page on which whoever asks links an account of their own: opened once, within ten minutes.',
    access: 'accounts.link',
    response: z.object({ path: z.string(), expiresAt: instant }),
  }),
} as const

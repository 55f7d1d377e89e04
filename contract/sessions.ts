import { z } from 'zod'

import { OPERATOR_ACTIONS, TENANT_ACTIONS } from './actions.ts'
import { idParams, instant } from './paging.ts'
import { route } from './route.ts'
import { LOCALES, MEMBER_ROLES } from './words.ts'

/** A tenant as the person who is signed in sees it. */
const ownTenant = z.object({
  id: z.number(),
  slug: z.string(),
  name: z.string(),
  locale: z.enum(LOCALES),
  timeZone: z.string(),
  isSuspended: z.boolean(),
  /** Null for an operator who is no member. */
  role: z.enum(MEMBER_ROLES).nullable(),
  /** What they may do there; screens show no button for the rest. */
  actions: z.array(z.enum(TENANT_ACTIONS)),
})

const device = z.object({
  id: z.number(),
  device: z.string(),
  createdAt: instant,
  lastSeenAt: instant,
  isThisOne: z.boolean(),
})

/** Who is signed in, and where. */
export const sessions = {
  ways: route({
    method: 'GET',
    path: '/api/v1/session/ways',
    summary: 'How people come into the panel on this installation.',
    access: 'public',
    response: z.object({
      /** By Telegram's own log-in, at `/enter/telegram`. */
      telegram: z.boolean(),
      /** The bot that gives links; null where there is none. */
      panelBot: z.string().nullable(),
    }),
  }),
  openMiniApp: route({
    method: 'POST',
    path: '/api/v1/session/mini-app',
    summary:
      'Opens the session of a Mini App with what Telegram gave its page; the token goes as `Authorization: Bearer`.',
    access: 'public',
    perMinute: 30,
    body: z.strictObject({ initData: z.string().min(1).max(8_192) }),
    response: z.object({ token: z.string(), expiresAt: instant }),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who is signed in, the tenants they belong to and what they may do there.',
    access: 'session',
    response: z.object({
      name: z.string().nullable(),
      /** The server's own time: a demo's runs faster. */
      now: instant,
      version: z.string(),
      operatorActions: z.array(z.enum(OPERATOR_ACTIONS)),
      /** Of those who run the installation; `required`: without one they see nothing of it. */
      secondFactor: z.enum(['unneeded', 'advised', 'required', 'on']),
      tenants: z.array(ownTenant),
    }),
  }),
  listDevices: route({
    method: 'GET',
    path: '/api/v1/session/devices',
    summary: 'The devices the person is signed in on.',
    access: 'session',
    response: z.object({ items: z.array(device) }),
  }),
  endDevice: route({
    method: 'DELETE',
    path: '/api/v1/session/devices/:id',
    summary: 'Signs one of the person’s devices out.',
    access: 'session',
    params: idParams,
    response: z.object({}),
  }),
  end: route({
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'Signs this device out.',
    access: 'half_session',
    response: z.object({}),
  }),
} as const

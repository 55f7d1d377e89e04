import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import {
  ACCOUNT_KINDS,
  ACCOUNT_STATES,
  LOCALES,
  MEMBER_ROLES,
  ONBOARDING_STATES,
  PACKAGES,
  PAYMENT_STATES,
  SUBSCRIPTION_STATES,
  TICKET_STATES,
} from './words.ts'

const count = z.number().int()
const state = z.enum(['active', 'suspended'])

const summary = z
  .object({
    id: z.number(),
    slug: z.string(),
    name: z.string(),
    state,
    /** Why its sending is stopped; null while it is not. */
    sendingStopped: z.string().nullable(),
    /** Null before one was chosen. */
    package: z.enum(PACKAGES).nullable(),
    subscriptionState: z.enum(SUBSCRIPTION_STATES).nullable(),
    /** Null for no end. */
    periodEndsAt: instant.nullable(),
    accounts: count,
    workingAccounts: count,
    /** Messages that fill a quota, of the last 30 days; null for a tenant without a package. */
    messagesMonth: z.object({ used: count, limit: count.nullable() }).nullable(),
  })
  .meta({ id: 'TenantSummary' })

const money = z.object({ amountMinor: count, currency: z.string() })

const detail = z
  .object({
    id: z.number(),
    slug: z.string(),
    name: z.string(),
    locale: z.enum(LOCALES),
    timeZone: z.string(),
    state,
    sendingStopped: z.string().nullable(),
    package: z.enum(PACKAGES).nullable(),
    subscriptionState: z.enum(SUBSCRIPTION_STATES).nullable(),
    periodEndsAt: instant.nullable(),
    usage: z.array(z.object({ name: z.string(), used: count, limit: count.nullable() })),
    /** As far as the caller may see who they are. */
    members: z.array(
      z.object({ id: z.number(), name: z.string(), role: z.enum(MEMBER_ROLES), username: z.string().nullable() }),
    ),
    accounts: z.array(
      z.object({
        id: z.number(),
        kind: z.enum(ACCOUNT_KINDS),
        username: z.string().nullable(),
        displayName: z.string(),
        state: z.enum(ACCOUNT_STATES),
        health: z.string(),
        reason: z.string().nullable(),
      }),
    ),
    /** The newest five. */
    payments: z.array(
      z.object({
        id: z.number(),
        reference: z.string(),
        asked: money,
        state: z.enum(PAYMENT_STATES),
        createdAt: instant,
      }),
    ),
    /** Of the last seven days. */
    failures: z.array(z.object({ reason: z.string(), count })),
    sent: count,
    tickets: z.array(z.object({ id: z.number(), subject: z.string(), state: z.enum(TICKET_STATES) })),
    onboarding: z.object({ state: z.enum(ONBOARDING_STATES), enteredAt: instant }).nullable(),
  })
  .meta({ id: 'TenantDetail' })

/** Every tenant, for those who run the installation. */
export const tenants = {
  list: route({
    method: 'GET',
    path: '/api/v1/installation/tenants',
    summary: 'Tenants with package, expiry, use and health; whose time ends soonest comes first.',
    access: 'tenants.view',
    query: pageQuery(50, 20).extend({
      cursor: z.string().regex(/^\d{1,9}$/).optional().meta({ description: 'The nextCursor of the page before.' }), // prettier-ignore
      search: z.string().trim().max(100).optional().meta({
        description: '`@user` of a member or a bot, a Telegram number, or part of a name.',
      }),
    }),
    response: pageOf(summary),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/installation/tenants/:id',
    summary: 'One tenant: package and use, people, accounts and their health, payments, errors of a week.',
    access: 'tenants.view',
    params: idParams,
    response: detail,
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/installation/tenants',
    summary: 'Makes a tenant that can begin: with its package, limits, strategies and templates.',
    access: 'tenants.create',
    body: z.strictObject({
      slug: z.string().max(70),
      name: z.string().max(300),
      package: z.enum(PACKAGES),
      locale: z.enum(LOCALES).optional(),
      timeZone: z.string().max(70).optional(),
    }),
    response: z.object({ id: z.number(), slug: z.string() }),
  }),
  setState: route({
    method: 'POST',
    path: '/api/v1/installation/tenants/:id/state',
    summary: 'Suspends a tenant or lets it work again; its people are told.',
    access: 'tenants.activate',
    params: idParams,
    body: z.strictObject({ state, reason: z.string().max(300) }),
    response: z.object({ state, isChanged: z.boolean() }),
  }),
  extend: route({
    method: 'POST',
    path: '/api/v1/installation/tenants/:id/days',
    summary: 'Gives a tenant days of its package without money; the same request gives them once.',
    access: 'licences.extend',
    params: idParams,
    body: z.strictObject({ days: z.number().int().min(1).max(366), requestId: z.uuid() }),
    response: z.object({ periodEndsAt: instant.nullable(), isNew: z.boolean() }),
  }),
} as const

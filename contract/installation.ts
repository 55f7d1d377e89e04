import { z } from 'zod'

import { instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { ONBOARDING_STATES } from './words.ts'

const count = z.number().int()

/** Whole numbers of accounts. */
const accounts = z.object({ working: count, paused: count, stopped: count, disconnected: count })

const revenue = z.object({
  currency: z.string(),
  /** What runs at the moment, brought to 30 days. */
  mrrMinor: count,
  paying: count,
  /** Share of those who paid 30 days ago and pay no more, 0–1; null when nobody paid then. */
  churnRatio: z.number().nullable(),
  /** Of the last 30 days; different currencies do not add up. */
  paid: z.array(z.object({ package: z.string(), currency: z.string(), periods: count, paidMinor: count })),
})

const step = z.object({
  state: z.enum(ONBOARDING_STATES),
  entered: count,
  /** Of them, those who went on. */
  converted: count,
  left: count,
  waiting: count,
})

const errorGroup = z
  .object({
    category: z.enum(['fault', 'message', 'update', 'event']),
    key: z.string().meta({ description: 'Cause, reason, kind of update, or listener.' }),
    state: z.enum(['open', 'over', 'resolved']),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    count: count.meta({ description: 'Of a fault, looks (one a minute) in which it was seen.' }),
    firstAt: instant,
    lastAt: instant,
    perDay: z.array(count),
    resolution: z.object({ at: instant, by: z.string(), note: z.string() }).nullable(),
  })
  .meta({ id: 'ErrorGroup' })

const line = z
  .object({
    id: z.number(),
    tenantId: z.number().nullable(),
    tenantName: z.string().nullable(),
    actor: z.string(),
    action: z.string(),
    target: z.string().nullable(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    at: instant,
  })
  .meta({ id: 'AuditLine' })

/** What somebody looks for at the beginning of a word of the log. */
const prefix = z.string().trim().min(1).max(60).optional()

const reason = z.string().trim().min(1).max(200)

/** The installation as a whole, for those who run it. */
export const installation = {
  overview: route({
    method: 'GET',
    path: '/api/v1/installation',
    summary: 'The installation at a glance: tenants, messages of a day, queues, revenue, and how newcomers fare.',
    access: 'installation.view',
    response: z.object({
      /** Why nothing is sent at all; null while sending is on. */
      sendingStopped: z.string().nullable(),
      tenants: z.object({ active: count, suspended: count }),
      accounts,
      /** Of the last 24 hours. */
      sent: count,
      failed: count,
      waiting: z.object({ payments: count, updates: count, deliveries: count, notices: count }),
      /** Put aside for somebody to look at. */
      parked: z.object({ updates: count, events: count }),
      openFaults: count,
      tickets: z.object({ open: count, overdue: count }),
      /** Null for who may not see it. */
      revenue: revenue.nullable(),
      /** Of those who began in the last 30 days. */
      onboarding: z.object({ started: count, steps: z.array(step) }),
      /** The parts of the process that answers. */
      parts: z.array(z.object({ name: z.string(), fault: z.string().nullable(), restarts: count })),
    }),
  }),
  stop: route({
    method: 'POST',
    path: '/api/v1/installation/stop',
    summary: 'Stops every send of every tenant, at once.',
    access: 'installation.stop',
    body: z.strictObject({ reason }),
    response: z.object({}),
  }),
  resume: route({
    method: 'POST',
    path: '/api/v1/installation/resume',
    summary: 'Lets tenants send again.',
    access: 'installation.stop',
    response: z.object({}),
  }),
  errors: route({
    method: 'GET',
    path: '/api/v1/installation/errors',
    summary: 'What is wrong as far as it is recorded, alike things together, with how many on which day.',
    access: 'installation.errors',
    query: z.object({
      which: z.enum(['open', 'ended', 'all']).default('open'),
      days: z.coerce.number().int().min(1).max(90).default(14),
    }),
    response: z.object({
      days: z.array(z.string()).meta({ description: 'UTC days, oldest first: `2026-06-01`.' }),
      groups: z.array(errorGroup),
    }),
  }),
  resolveFault: route({
    method: 'POST',
    path: '/api/v1/installation/errors/resolve',
    summary: 'Says what was done about a fault and ends it; seen again, it is told again.',
    access: 'installation.resolve',
    body: z.strictObject({ cause: z.string().min(1).max(200), note: z.string().max(2_000) }),
    response: z.object({}),
  }),
  audit: route({
    method: 'GET',
    path: '/api/v1/installation/audit',
    summary: 'Who did what, in all tenants and above them, newest first.',
    access: 'installation.audit',
    query: pageQuery(200).extend({
      cursor: z.string().regex(/^\d{1,15}$/).optional().meta({ description: 'The nextCursor of the page before.' }), // prettier-ignore
      tenantId: z.coerce.number().int().min(1).optional(),
      actor: prefix.meta({ description: 'How the name of who did it begins: `operator:`, `member:12`.' }),
      action: prefix.meta({ description: 'How the name of what was done begins: `payment.`.' }),
    }),
    response: pageOf(line),
  }),
} as const

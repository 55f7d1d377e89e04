import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { ASSIGNMENT_SOURCES, CONSENT_PURPOSES, GUARD_REASONS, REACHABILITIES, SEGMENTS } from './words.ts'

/** A contact in lists. Who it is is null for those who may not see it. */
const contact = z
  .object({
    id: z.number(),
    telegramId: z.number().nullable(),
    username: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    languageCode: z.string().nullable(),
    isPremium: z.boolean(),
    timeZone: z.string().nullable(),
    tags: z.array(z.string()),
    source: z.string().nullable(),
    suppressedAt: instant.nullable(),
    suppressedReason: z.string().nullable(),
    firstSeenAt: instant,
    lastSeenAt: instant.nullable(),
    segment: z.enum(SEGMENTS).nullable(),
  })
  .meta({ id: 'Contact' })

/** A local hour of the contact's day. */
const hour = z.number().int().min(0).max(23)

const profile = contact
  .omit({ segment: true })
  .extend({
    engagementScore: z.number().meta({ description: '0–100.' }),
    sent: z.number().int(),
    answered: z.number().int(),
    orders: z.number().int(),
    bestHours: z.array(hour).meta({ description: 'Local hours, best first, inside those of the contact’s strategy.' }),
    hourShares: z
      .array(z.number())
      .length(24)
      .meta({ description: 'Share of activity that is expected in each local hour.' }),
    advice: z.object({
      everyHours: z.number().int(),
      maxPerDay: z.number().int(),
      reason: z.enum(['engaged', 'responsive', 'steady', 'fading', 'silent']),
    }),
    reach: z.array(
      z.object({ accountId: z.number(), reachability: z.enum(REACHABILITIES), lastInboundAt: instant.nullable() }),
    ),
    consents: z.array(
      z.object({
        purpose: z.enum(CONSENT_PURPOSES),
        granted: z.boolean(),
        changedAt: instant,
        source: z.string(),
        textVersion: z.string(),
      }),
    ),
    chats: z.array(
      z.object({ chatId: z.number(), title: z.string(), status: z.string(), messageCount: z.number().int() }),
    ),
  })
  .meta({ id: 'ContactProfile' })

/** A condition of a rule as it was looked at; `input` is null for "never" and for segments that exclude each other. */
const condition = z.object({
  feature: z.string().nullable(),
  op: z.string().nullable(),
  threshold: z.number().nullable(),
  without: z.enum(SEGMENTS).nullable(),
  input: z.number().nullable(),
  passed: z.boolean(),
})

const entry = z
  .object({
    type: z.enum(['message', 'event', 'consent']),
    id: z.number(),
    at: instant,
    direction: z.enum(['in', 'out']).nullable(),
    kind: z
      .string()
      .meta({ description: 'Of a message, what it is made of; of an event, what was done; else the purpose.' }),
    text: z
      .string()
      .nullable()
      .meta({ description: 'Null once it is not kept, and for those who may not read along.' }),
    granted: z.boolean().nullable(),
    source: z.string().nullable(),
  })
  .meta({ id: 'TimelineEntry' })

const task = z
  .object({
    id: z.number(),
    title: z.string(),
    dueAt: instant.nullable(),
    assignedTo: z.number().nullable().meta({ description: 'A member; null while it is nobody’s.' }),
    createdBy: z.string(),
    createdAt: instant,
    doneAt: instant.nullable(),
    doneBy: z.string().nullable(),
  })
  .meta({ id: 'ContactTask' })

const title = z.string().max(1_000)
const dueAt = instant.nullable()
const assignedTo = z.number().int().min(1).nullable()

const tags = z.array(z.string().max(200)).min(1).max(50)

export const contacts = {
  list: route({
    method: 'GET',
    path: '/api/v1/contacts',
    summary: 'Contacts, last seen first.',
    access: 'contacts.view',
    query: pageQuery(200).extend({
      segment: z.enum(SEGMENTS).optional(),
      tag: z.string().max(50).optional(),
      text: z.string().max(100).optional().meta({ description: 'The beginning of a name, or a whole Telegram id.' }),
      reachability: z.enum(REACHABILITIES).optional(),
      accountId: z.coerce.number().int().optional(),
      consent: z.enum(CONSENT_PURPOSES).optional(),
      own: z.coerce.number().int().min(1).optional().meta({ description: 'A segment of the tenant’s own.' }),
    }),
    response: pageOf(contact),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/contacts/:id',
    summary: 'One contact: who it is, what it allowed and when, how it can be reached, and when it is best written to.',
    access: 'contacts.view',
    params: idParams,
    response: profile,
  }),
  explainSegments: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/segments',
    summary: 'Why the contact holds each of its segments at this moment, and why it does not hold the others.',
    access: 'segments.view',
    params: idParams,
    response: z.object({
      primary: z.enum(SEGMENTS).nullable(),
      segments: z.array(
        z.object({
          segment: z.enum(SEGMENTS),
          confidence: z.number().nullable().meta({ description: '0–100; null when it is not held.' }),
          source: z.enum(ASSIGNMENT_SOURCES).nullable(),
          conditions: z.array(condition),
          opinion: z.object({ confidence: z.number(), model: z.string(), reason: z.string().nullable() }).nullable(),
        }),
      ),
    }),
  }),
  timeline: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/timeline',
    summary: 'Messages both ways, what the contact did and what it allowed, newest first.',
    access: 'contacts.view',
    params: idParams,
    query: pageQuery(200),
    response: pageOf(entry),
  }),
  explainUnsent: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/unsent',
    summary: 'Of the newest deliveries to the contact, those that were not sent, and why.',
    access: 'deliveries.view',
    params: idParams,
    response: z.object({
      items: z.array(
        z.object({
          deliveryId: z.number(),
          state: z.string(),
          dueAt: instant,
          recordedReason: z.string().nullable(),
          campaignPaused: z.boolean(),
          now: z
            .object({
              kind: z.enum(['allow', 'defer', 'refuse']),
              reason: z.enum(GUARD_REASONS).nullable(),
              until: instant.nullable(),
            })
            .nullable()
            .meta({ description: 'What the guard says of one that still waits.' }),
        }),
      ),
    }),
  }),
  addTags: route({
    method: 'POST',
    path: '/api/v1/contacts/:id/tags',
    summary: 'Adds tags to the contact.',
    access: 'contacts.edit',
    params: idParams,
    body: z.strictObject({ tags }),
    response: z.object({}),
  }),
  removeTags: route({
    method: 'POST',
    path: '/api/v1/contacts/:id/tags/remove',
    summary: 'Takes tags off the contact.',
    access: 'contacts.edit',
    params: idParams,
    body: z.strictObject({ tags }),
    response: z.object({}),
  }),
  listNotes: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/notes',
    summary: 'The newest hundred notes that members wrote about the contact.',
    access: 'contacts.view',
    params: idParams,
    response: z.object({
      items: z.array(z.object({ id: z.number(), text: z.string(), writtenBy: z.string(), at: instant })),
    }),
  }),
  addNote: route({
    method: 'POST',
    path: '/api/v1/contacts/:id/notes',
    summary: 'Keeps a note about the contact.',
    access: 'contacts.edit',
    params: idParams,
    body: z.strictObject({ text: z.string().max(10_000) }),
    response: z.object({ id: z.number() }),
  }),
  listTasks: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/tasks',
    summary: 'What is to be done about the contact, due first; or what was done.',
    access: 'contacts.view',
    params: idParams,
    query: z.object({ which: z.enum(['open', 'done']).default('open') }),
    response: z.object({ items: z.array(task) }),
  }),
  addTask: route({
    method: 'POST',
    path: '/api/v1/contacts/:id/tasks',
    summary: 'Adds something to be done about the contact.',
    access: 'contacts.edit',
    params: idParams,
    body: z.strictObject({ title, dueAt: dueAt.optional(), assignedTo: assignedTo.optional() }),
    response: task,
  }),
  changeTask: route({
    method: 'PATCH',
    path: '/api/v1/tasks/:id',
    summary: 'Changes a task, gives it to a member, ticks it off or opens it again.',
    access: 'contacts.edit',
    params: idParams,
    body: z.strictObject({
      title: title.optional(),
      dueAt: dueAt.optional(),
      assignedTo: assignedTo.optional(),
      isDone: z.boolean().optional(),
    }),
    response: task,
  }),
  listStages: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/stages',
    summary: 'The tenant’s pipelines with their stages, and where in each the contact stands.',
    access: 'contacts.view',
    params: idParams,
    response: z.object({
      pipelines: z.array(
        z.object({
          id: z.number(),
          name: z.string(),
          stages: z.array(z.object({ id: z.number(), name: z.string() })),
          standsAt: z
            .object({ stageId: z.number(), since: instant, movedBy: z.string() })
            .nullable()
            .meta({ description: 'Null for a contact that is not in this pipeline.' }),
        }),
      ),
    }),
  }),
  moveStage: route({
    method: 'PUT',
    path: '/api/v1/contacts/:id/stages/:pipelineId',
    summary: 'Moves the contact to a stage of a pipeline, or with null out of it.',
    access: 'contacts.edit',
    params: idParams.extend({ pipelineId: idParams.shape.id }),
    body: z.strictObject({ stageId: z.number().int().min(1).nullable() }),
    response: z.object({ hasMoved: z.boolean() }),
  }),
  export: route({
    method: 'GET',
    path: '/api/v1/contacts/:id/export',
    summary: 'Everything that is known of the contact, for the person who asks for it.',
    access: 'contacts.export',
    params: idParams,
    response: z.object({
      format: z.literal('gavatcore.contact.1'),
      exportedAt: z.string(),
      contactId: z.number(),
      sections: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
    }),
  }),
  erase: route({
    method: 'POST',
    path: '/api/v1/contacts/:id/erase',
    summary: 'Forgets the person for good. It cannot be undone, so the number is given twice.',
    access: 'contacts.erase',
    params: idParams,
    body: z.strictObject({ confirm: z.number().meta({ description: 'The number of the contact once more.' }) }),
    response: z.object({}),
  }),
} as const

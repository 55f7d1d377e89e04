import { z } from 'zod'

import { idParams, instant } from './paging.ts'
import { route } from './route.ts'
import { CONSENT_PURPOSES, SEGMENTS } from './words.ts'

const is = z.boolean().meta({ description: 'False turns it round: without the tag, for example.' })

const condition = z
  .union([
    z.object({
      feature: z.string().meta({ description: 'One of the features of the list.' }),
      op: z.enum(['>=', '>', '<=', '<', '=']),
      value: z.union([z.number(), z.boolean()]),
    }),
    z.object({ tag: z.string(), is }),
    z.object({ consent: z.enum(CONSENT_PURPOSES), is }),
    z.object({ segment: z.enum(SEGMENTS), is }),
  ])
  .meta({ id: 'OwnSegmentCondition' })

const ownSegment = z
  .object({
    id: z.number(),
    name: z.string(),
    conditions: z.array(condition),
    version: z.number().int(),
    changedBy: z.string(),
    createdAt: instant,
    changedAt: instant,
  })
  .meta({ id: 'OwnSegment' })

/** The server holds every part to its bounds and names the one at fault, `conditions[1].value` for example. */
const conditions = z
  .array(
    z.strictObject({
      feature: z.string().max(40).optional(),
      op: z.string().max(4).optional(),
      value: z.union([z.number(), z.boolean()]).optional(),
      tag: z.string().max(200).optional(),
      consent: z.string().max(40).optional(),
      segment: z.string().max(40).optional(),
      is: z.boolean().optional(),
    }),
  )
  .max(100)
  .meta({ description: 'All of them must hold; each compares one feature, or names a tag, a consent or a segment.' })
const name = z.string().max(1_000)

const feature = z.union([
  z.object({ name: z.string(), isFlag: z.literal(true) }),
  z.object({ name: z.string(), isFlag: z.literal(false), min: z.number(), max: z.number(), isInteger: z.boolean() }),
])

/** Who a person of a sample is; null for those who may not see it. */
const person = z.object({
  id: z.number(),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  lastSeenAt: instant.nullable(),
})

export const ownSegments = {
  list: route({
    method: 'GET',
    path: '/api/v1/own-segments',
    summary: 'The segments a tenant made for itself, by name, and what their conditions can be about.',
    access: 'segments.view',
    response: z.object({
      items: z.array(ownSegment),
      max: z.number().int(),
      features: z.array(feature),
      tags: z.array(z.string()),
    }),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/own-segments/:id',
    summary: 'One segment of the tenant’s own.',
    access: 'segments.view',
    params: idParams,
    response: ownSegment,
  }),
  preview: route({
    method: 'POST',
    path: '/api/v1/own-segments/preview',
    summary: 'How many people fit these conditions now, and ten of them, seen last first. Writes nothing.',
    access: 'segments.view',
    perMinute: 120,
    body: z.strictObject({ conditions }),
    response: z.object({
      count: z.number().int(),
      sample: z.array(person).nullable().meta({ description: 'Null for those who may not see contacts.' }),
    }),
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/own-segments',
    summary: 'Makes a segment of the tenant’s own. Who belongs is looked up whenever it is asked.',
    access: 'segments.edit',
    body: z.strictObject({ name, conditions }),
    response: ownSegment,
  }),
  update: route({
    method: 'PUT',
    path: '/api/v1/own-segments/:id',
    summary:
      'Replaces name and conditions; refused when somebody changed it meanwhile or a campaign under way is for it.',
    access: 'segments.edit',
    params: idParams,
    body: z.strictObject({ name, conditions, expectedVersion: z.number().int() }),
    response: ownSegment,
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/own-segments/:id',
    summary: 'Removes one, unless a campaign that is not over is for it. Its people stay.',
    access: 'segments.edit',
    params: idParams,
    response: z.object({}),
  }),
} as const

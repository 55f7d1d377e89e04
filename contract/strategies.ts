import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'
import { MESSAGE_STYLES, SEGMENTS } from './words.ts'

/** How contacts of one segment may be contacted; the server holds every number to its bounds. */
const settings = z.object({
  enabled: z.boolean(),
  priority: z.number().meta({ description: '1–10; decides which of a contact’s segments leads, and who goes first.' }),
  everyHours: z.number().meta({ description: 'Hours from one planned message to the next, at least 2.' }),
  maxPerDay: z.number().meta({ description: 'Commercial messages in any 24 hours, 0–5.' }),
  cooldownHours: z.number().meta({ description: 'Hours between any two commercial messages, at least 2.' }),
  hours: z.array(z.number()).max(48).meta({ description: 'Local hours 0–23 in which to write.' }),
  style: z.enum(MESSAGE_STYLES),
})

const strategy = settings
  .extend({
    segment: z.enum(SEGMENTS),
    version: z.number().int(),
    preset: z.string().nullable(),
    changedBy: z.string(),
    createdAt: instant,
  })
  .meta({ id: 'Strategy' })

const params = z.object({ segment: z.enum(SEGMENTS) })
const expectedVersion = z
  .number()
  .int()
  .meta({ description: 'The version that was looked at; refused when the strategy moved on meanwhile.' })

export const strategies = {
  list: route({
    method: 'GET',
    path: '/api/v1/strategies',
    summary: 'The strategy in force for each segment, highest priority first.',
    access: 'strategies.view',
    response: z.object({ items: z.array(strategy) }),
  }),
  listVersions: route({
    method: 'GET',
    path: '/api/v1/strategies/:segment/versions',
    summary: 'Every version of one segment’s strategy, newest first; the first is in force.',
    access: 'strategies.view',
    params,
    response: z.object({ items: z.array(strategy) }),
  }),
  set: route({
    method: 'PATCH',
    path: '/api/v1/strategies/:segment',
    summary: 'Changes one segment’s strategy; what is left out stays. Makes a new version.',
    access: 'strategies.edit',
    params,
    body: z.strictObject({ ...settings.partial().shape, expectedVersion: expectedVersion.optional() }),
    response: strategy,
  }),
  restore: route({
    method: 'POST',
    path: '/api/v1/strategies/:segment/restore',
    summary: 'Puts an earlier version in force again, as a new version.',
    access: 'strategies.edit',
    params,
    body: z.strictObject({ version: z.number().int(), expectedVersion: expectedVersion.optional() }),
    response: strategy,
  }),
  applyPreset: route({
    method: 'POST',
    path: '/api/v1/strategies/preset',
    summary: 'Puts the strategies of a preset in force for all twelve segments.',
    access: 'strategies.edit',
    body: z.strictObject({ preset: z.string().max(40) }),
    response: z.object({ changed: z.number().int().meta({ description: 'How many strategies changed.' }) }),
  }),
} as const

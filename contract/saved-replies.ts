import { z } from 'zod'

import { route } from './route.ts'
import { LOCALES, type Locale } from './words.ts'

/** Room for what the server looks at itself: it names the field and its bounds. */
const text = z.string().max(20_000)
const texts = z.object(
  Object.fromEntries(LOCALES.map((locale) => [locale, text.optional()])) as Record<Locale, z.ZodOptional<typeof text>>,
)
const name = z.string().max(200)

const savedReply = z
  .object({
    id: z.number(),
    name,
    texts,
    version: z.string().meta({ description: 'Of what it says now; give it back to change exactly this.' }),
  })
  .meta({ id: 'SavedReply' })

const named = z.object({ name: z.string().min(1).max(64) })

export const savedReplies = {
  list: route({
    method: 'GET',
    path: '/api/v1/saved-replies',
    summary: 'The tenant’s saved replies by name.',
    access: 'conversations.view',
    response: z.object({ items: z.array(savedReply) }),
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/saved-replies',
    summary: 'Saves an answer, in one language or more, under a name that is free.',
    access: 'conversations.reply',
    body: z.strictObject({ name, texts }),
    response: savedReply,
  }),
  update: route({
    method: 'PUT',
    path: '/api/v1/saved-replies/:name',
    summary: 'Replaces what a saved reply says, and its name; refused when somebody changed it meanwhile.',
    access: 'conversations.reply',
    params: named,
    body: z.strictObject({ name, texts, expectedVersion: z.string().max(64) }),
    response: savedReply,
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/saved-replies/:name',
    summary: 'Removes a saved reply; what was sent stays.',
    access: 'conversations.reply',
    params: named,
    response: z.object({}),
  }),
} as const

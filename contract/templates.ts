import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { LOCALES, MESSAGE_CLASSES, MESSAGE_STYLES, TEMPLATE_MEDIA_KINDS, TEMPLATE_STATES } from './words.ts'

const count = z.number().int()
/** Room for what the server looks at itself: it names the field and its bounds. */
const text = z.string().max(20_000)

const button = z.union([
  z.strictObject({ text, url: text }),
  z.strictObject({ text, action: text.meta({ description: '`stop` ends messages to whoever presses it.' }) }),
])
const media = z.strictObject({
  kind: z.enum(TEMPLATE_MEDIA_KINDS),
  source: text.meta({ description: 'A Telegram file id or an https address that Telegram fetches.' }),
})

/** One wording in one language; wordings of one name are translations of each other. */
const variant = z
  .strictObject({
    name: text,
    locale: z.enum(LOCALES),
    text: text.meta({ description: 'Telegram’s HTML with {{variables}}.' }),
    media: media.nullable().default(null),
    buttons: z.array(z.array(button).max(20)).max(100).default([]),
    weight: z.number().default(1).meta({ description: 'Share among the wordings, 0–100.' }),
  })
  .meta({ id: 'TemplateVariant' })

const wording = {
  messageClass: z.enum(MESSAGE_CLASSES),
  slotBriefs: z.record(z.string(), text).default({}),
  variants: z.array(variant).max(100),
}
const content = { name: text, style: z.enum(MESSAGE_STYLES).nullable().default(null), ...wording }

const template = z
  .object({
    ...content,
    id: z.number(),
    state: z.enum(TEMPLATE_STATES),
    /** When it was first approved; from then on its class is fixed. */
    approvedAt: instant.nullable(),
    createdAt: instant,
    draftedBy: z.string().nullable().meta({ description: 'The model that wrote the first draft, if one did.' }),
    version: z.string().meta({ description: 'Of what it says now; give it back to change exactly this.' }),
  })
  .meta({ id: 'Template' })

const finding = z
  .object({
    code: z.string(),
    severity: z.enum(['error', 'warning']),
    /** `text`, `media`, `buttons[0][1].url` … of the wording. */
    field: z.string(),
    variant: z.string().nullable(),
    locale: z.enum(LOCALES).nullable(),
    detail: z.string().meta({ description: 'In the language of the caller.' }),
  })
  .meta({ id: 'TemplateFinding' })

const cursor = z.string().regex(/^\d{1,15}$/).optional().meta({ description: 'The nextCursor of the page before.' }) // prettier-ignore

export const templates = {
  list: route({
    method: 'GET',
    path: '/api/v1/templates',
    summary: 'Messages to write to people with, newest first.',
    access: 'templates.view',
    query: pageQuery(200, 50).extend({ cursor, state: z.enum(TEMPLATE_STATES).optional() }),
    response: pageOf(template),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/templates/:id',
    summary: 'One message with all its wordings.',
    access: 'templates.view',
    params: idParams,
    response: template,
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/templates',
    summary: 'Writes a new message; it is a draft until it is approved.',
    access: 'templates.edit',
    body: z.strictObject(content),
    response: template,
  }),
  update: route({
    method: 'PUT',
    path: '/api/v1/templates/:id',
    summary:
      'Replaces what a message says; refused when somebody changed it meanwhile. What is approved is changed by those who may approve.',
    access: 'templates.edit',
    params: idParams,
    body: z.strictObject({ ...content, expectedVersion: z.string().max(64) }),
    response: template,
  }),
  approve: route({
    method: 'POST',
    path: '/api/v1/templates/:id/approve',
    summary: 'Lets a message be sent; fixes its class for good.',
    access: 'templates.approve',
    params: idParams,
    response: template,
  }),
  archive: route({
    method: 'POST',
    path: '/api/v1/templates/:id/archive',
    summary: 'Takes a message out of use for good; what is planned with it does not leave.',
    access: 'templates.edit',
    params: idParams,
    response: template,
  }),
  preview: route({
    method: 'POST',
    path: '/api/v1/templates/preview',
    summary: 'What people would get of wordings that need not be saved, and what is wrong with them. Writes nothing.',
    access: 'templates.view',
    body: z.strictObject(wording),
    response: z.object({
      findings: z.array(finding),
      people: z.array(z.object({ contactId: z.number().nullable(), name: z.string() })),
      samples: z.array(
        z.object({
          /** Null for somebody of whom nothing is known. */
          contactId: z.number().nullable(),
          variant: z.string(),
          locale: z.enum(LOCALES),
          text: z.string().meta({ description: 'Telegram’s HTML.' }),
          media: media.nullable(),
          buttons: z.array(z.array(button)),
          length: count.meta({ description: 'Visible length in UTF-16 units, as Telegram counts.' }),
          lengthMax: count,
        }),
      ),
    }),
  }),
  test: route({
    method: 'POST',
    path: '/api/v1/templates/:id/test',
    summary: 'Sends the message as it is saved to the member who asks, labelled as a test, and to nobody else.',
    access: 'templates.edit',
    params: idParams,
    body: z.strictObject({
      accountId: z.number().int(),
      variant: text.optional(),
      locale: z.enum(LOCALES).optional(),
    }),
    response: z.object({ deliveryId: z.number() }),
  }),
} as const

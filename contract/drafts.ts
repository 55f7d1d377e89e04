import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { ANSWER_FINDINGS, DRAFT_STATES } from './words.ts'

/** What a model would answer. Texts are plain. */
export const draft = z
  .object({
    id: z.number(),
    conversationId: z.number(),
    accountId: z.number(),
    contactId: z.number(),
    state: z.enum(DRAFT_STATES),
    text: z.string().nullable(),
    editedText: z.string().nullable(),
    language: z.string(),
    confidenceRatio: z.number(),
    intent: z.string(),
    findings: z.array(z.enum(ANSWER_FINDINGS)),
    isApprovable: z.boolean().meta({ description: 'Whether its own words may leave; else it is corrected first.' }),
    createdAt: instant,
    expiresAt: instant,
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    deliveryId: z.number().nullable(),
  })
  .meta({ id: 'Draft' })

/** A draft beside whom it answers; names are null for those who may not see them. */
const waitingDraft = draft.extend({
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  lastText: z.string().nullable(),
})

const isSure = z.boolean().optional()

export const drafts = {
  list: route({
    method: 'GET',
    path: '/api/v1/drafts',
    summary: 'Drafts from new to old, with the newest words of whom they answer.',
    access: 'conversations.view',
    query: pageQuery(100).extend({
      state: z.enum(DRAFT_STATES).default('proposed'),
      accountId: z.coerce.number().int().optional(),
    }),
    response: pageOf(waitingDraft),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/drafts/:id',
    summary: 'One draft.',
    access: 'conversations.view',
    params: idParams,
    response: draft,
  }),
  approve: route({
    method: 'POST',
    path: '/api/v1/drafts/:id/approve',
    summary: 'Sends it as it is; refused when somebody said something in between, unless `isSure`.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ isSure }),
    response: draft,
  }),
  edit: route({
    method: 'POST',
    path: '/api/v1/drafts/:id/edit',
    summary: 'Sends other words in its place.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ text: z.string().max(20_000), isSure }),
    response: draft,
  }),
  reject: route({
    method: 'POST',
    path: '/api/v1/drafts/:id/reject',
    summary: 'Throws it away; nothing is sent.',
    access: 'conversations.reply',
    params: idParams,
    response: draft,
  }),
} as const

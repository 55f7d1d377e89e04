import { z } from 'zod'

import { draft } from './drafts.ts'
import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { CONVERSATION_OWNERS, CONVERSATION_STATES, CONVERSATION_URGENCIES, DELIVERY_STATES, SEGMENTS } from './words.ts'

/** Who it is is null for those who may not see it. Texts are plain, whatever was sent. */
const conversation = z
  .object({
    id: z.number(),
    accountId: z.number(),
    accountName: z.string(),
    contactId: z.number(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    username: z.string().nullable(),
    telegramId: z.number().nullable(),
    tags: z.array(z.string()),
    state: z.enum(CONVERSATION_STATES),
    assignedTo: z.number().nullable(),
    assigneeName: z.string().nullable(),
    unreadCount: z.number().int(),
    turn: z.number().int().meta({ description: 'Counts what was said; who answers gives the turn they have seen.' }),
    lastInboundAt: instant,
    answerDueAt: instant.nullable(),
    snoozedUntil: instant.nullable(),
    handedOverAt: instant.nullable(),
    lastText: z.string().nullable(),
    lastTextIsInbound: z.boolean().nullable(),
  })
  .meta({ id: 'Conversation' })

const AUTHORS = [
  'contact',
  'member',
  'owner',
  'ai',
  'automatic',
  'rule',
  'campaign',
  'strategy',
  'order',
  'system',
  'cli',
] as const

/** `name` is a member's, null for a former one without any. */
const author = z.object({ kind: z.enum(AUTHORS), id: z.number().optional(), name: z.string().nullable().optional() })

const sent = z.object({
  deliveryId: z.number(),
  isAi: z.boolean(),
  campaignId: z.number().nullable(),
  segment: z.string().nullable(),
  confidenceRatio: z.number().nullable(),
})

const entry = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('message'),
      id: z.number(),
      at: instant,
      author,
      direction: z.enum(['in', 'out']),
      kind: z.string(),
      text: z.string().nullable(),
      sent: sent.nullable(),
    }),
    z.object({
      type: z.literal('delivery'),
      id: z.number(),
      at: instant,
      author,
      state: z.enum(DELIVERY_STATES),
      reason: z.string().nullable(),
      text: z.string().nullable(),
      sent,
    }),
    z.object({
      type: z.literal('event'),
      id: z.number(),
      at: instant,
      author,
      kind: z.enum([
        'opened',
        'closed',
        'snoozed',
        'woken',
        'assigned',
        'handed_over',
        'given_back',
        'not_sent',
        'note',
      ]),
      detail: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
      text: z.string().nullable(),
    }),
  ])
  .meta({ id: 'ConversationEntry' })

const nothing = z.object({})
const seenTurn = z.number().int().min(0).max(2_147_483_647).optional()
const whole = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

export const conversations = {
  list: route({
    method: 'GET',
    path: '/api/v1/conversations',
    summary:
      'Conversations, those with the newest message of the contact first; the overdue, the longest overdue first.',
    access: 'conversations.view',
    query: pageQuery(200).extend({
      state: z.enum(CONVERSATION_STATES).optional(),
      assigned: z.enum(CONVERSATION_OWNERS).optional(),
      only: z.enum(CONVERSATION_URGENCIES).optional(),
      tag: z.string().max(50).optional(),
      segment: z.enum(SEGMENTS).optional(),
      accountId: z.coerce.number().int().optional(),
    }),
    response: pageOf(conversation),
  }),
  counts: route({
    method: 'GET',
    path: '/api/v1/conversations/counts',
    summary: 'How many conversations stand where; unassigned, unread, overdue and handed over of those not closed.',
    access: 'conversations.view',
    response: z.object({
      states: z.record(z.enum(CONVERSATION_STATES), z.number().int()),
      unassigned: z.number().int(),
      unread: z.number().int(),
      overdue: z.number().int(),
      handedOver: z.number().int(),
    }),
  }),
  listAssignees: route({
    method: 'GET',
    path: '/api/v1/conversations/assignees',
    summary: 'Members who may answer, and so be given conversations.',
    access: 'conversations.view',
    response: z.object({ items: z.array(z.object({ id: z.number(), name: z.string(), isMe: z.boolean() })) }),
  }),
  renderSavedReply: route({
    method: 'GET',
    path: '/api/v1/conversations/:id/saved-replies/:name',
    summary: 'A saved reply as it reads for the contact of this conversation, to be sent or changed first.',
    access: 'conversations.reply',
    params: idParams.extend({ name: z.string().min(1).max(64) }),
    response: z.object({ text: z.string() }),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/conversations/:id',
    summary:
      'A conversation, a page of what was said and done in it, newest first, and the draft that waits for a decision.',
    access: 'conversations.view',
    params: idParams,
    query: pageQuery(200),
    response: z.object({
      conversation,
      now: instant,
      handOverReason: z.string().nullable(),
      aiPausedUntil: instant.nullable(),
      draft: draft.nullable(),
      entries: z.array(entry),
      nextCursor: z.string().nullable(),
    }),
  }),
  reply: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/replies',
    summary: 'Answers as the member who asks; refused when somebody said something after `seenTurn`, unless `isSure`.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ text: z.string().max(20_000), seenTurn, isSure: z.boolean().optional() }),
    response: z.object({ deliveryId: z.number() }),
  }),
  note: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/notes',
    summary: 'Leaves a note for colleagues; the contact never sees it.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ text: z.string().max(20_000) }),
    response: z.object({ id: z.number() }),
  }),
  read: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/read',
    summary: 'Says that everything up to a turn was seen.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ seenTurn: seenTurn.unwrap() }),
    response: nothing,
  }),
  assign: route({
    method: 'PUT',
    path: '/api/v1/conversations/:id/assignee',
    summary: 'Gives it to a member who may answer, or with null to nobody.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ memberId: whole.nullable() }),
    response: nothing,
  }),
  snooze: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/snooze',
    summary: 'Puts it out of sight until an instant, or until the contact writes.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ until: instant, seenTurn }),
    response: nothing,
  }),
  close: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/close',
    summary: 'Ends it: nothing is owed, and the next message opens it again.',
    access: 'conversations.reply',
    params: idParams,
    body: z.strictObject({ seenTurn }),
    response: nothing,
  }),
  reopen: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/reopen',
    summary: 'Opens what was closed, snoozed or waits.',
    access: 'conversations.reply',
    params: idParams,
    response: nothing,
  }),
  handOver: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/hand-over',
    summary: 'Leaves it to people: the AI is silent until it is given back.',
    access: 'conversations.reply',
    params: idParams,
    response: nothing,
  }),
  giveBack: route({
    method: 'POST',
    path: '/api/v1/conversations/:id/give-back',
    summary: 'Lets the AI speak again.',
    access: 'conversations.reply',
    params: idParams,
    response: nothing,
  }),
} as const

import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { TICKET_KINDS, TICKET_PRIORITIES, TICKET_STATES } from './words.ts'

const ticketFields = z.object({
  id: z.number(),
  tenantId: z.number().nullable(),
  /** Null for those who are no customers yet. */
  tenantName: z.string().nullable(),
  kind: z.enum(TICKET_KINDS),
  subject: z.string(),
  state: z.enum(TICKET_STATES),
  priority: z.enum(TICKET_PRIORITIES),
  openedAt: instant,
  firstResponseDueAt: instant,
  firstResponseAt: instant.nullable(),
  isOverdue: z.boolean(),
})
const ticket = ticketFields.meta({ id: 'TicketInQueue' })

/** What people asked of support, for those who answer. */
export const ticketQueue = {
  list: route({
    method: 'GET',
    path: '/api/v1/installation/tickets',
    summary: 'Tickets in the order they want attention.',
    access: 'support.answer',
    query: pageQuery(100, 50).extend({
      cursor: z.string().regex(/^\d{1,9}$/).optional().meta({ description: 'The nextCursor of the page before.' }), // prettier-ignore
      state: z.enum(TICKET_STATES).optional(),
    }),
    response: pageOf(ticket),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/installation/tickets/:id',
    summary: 'One ticket and what was written, oldest first.',
    access: 'support.answer',
    params: idParams,
    response: ticketFields.extend({
      messages: z.array(
        z.object({
          id: z.number(),
          isFromAsker: z.boolean(),
          /** Null once its 90 days are over. */
          text: z.string().nullable(),
          at: instant,
        }),
      ),
    }),
  }),
  answer: route({
    method: 'POST',
    path: '/api/v1/installation/tickets/:id/answer',
    summary: 'Answers a ticket; whoever asked is told. The same request answers once.',
    access: 'support.answer',
    params: idParams,
    body: z.strictObject({ text: z.string().max(5_000), requestId: z.uuid() }),
    response: ticket,
  }),
  close: route({
    method: 'POST',
    path: '/api/v1/installation/tickets/:id/close',
    summary: 'Closes a ticket; whoever asked is told.',
    access: 'support.answer',
    params: idParams,
    response: ticket,
  }),
} as const

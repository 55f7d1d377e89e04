import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'
import {
  type Ticket,
  answerTicket,
  closeTicket,
  getTicket,
  isOverdue,
  listTickets,
} from '#server/modules/admin/index.ts'
import { findTenant, listTenants } from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'

const shown = (ticket: Ticket, tenantName: string | null, at: number) => ({
  ...ticket,
  tenantName,
  isOverdue: isOverdue(ticket, at),
})

const named = async (tx: OperatorTx, ticket: Ticket, at: number) =>
  shown(ticket, ticket.tenantId === null ? null : ((await findTenant(tx, ticket.tenantId))?.name ?? null), at)

export const ticketQueueRoutes: Handlers['ticketQueue'] = ({ db }) => ({
  list: ({ actor, at, query: { cursor, limit, state } }) =>
    asOperator(db, 'tickets', async (tx) => {
      const offset = Number(cursor ?? 0)
      const filter = state === undefined ? {} : { states: [state] }
      const { tickets, total } = await listTickets(tx, actor, filter, { limit, offset })
      const names = new Map((await listTenants(tx)).map(({ id, name }) => [id, name]))
      const next = offset + tickets.length
      return {
        items: tickets.map((ticket) => shown(ticket, names.get(ticket.tenantId ?? 0) ?? null, at)),
        nextCursor: tickets.length > 0 && next < total ? String(next) : null,
      }
    }),
  get: ({ actor, at, params: { id } }) =>
    asOperator(db, 'a ticket', async (tx) => {
      const { ticket, messages } = await getTicket(tx, id, actor)
      return {
        ...(await named(tx, ticket, at)),
        messages: messages.map(({ author, ...message }) => ({
          ...message,
          isFromAsker: author.startsWith('telegram:'),
        })),
      }
    }),
  answer: ({ actor, at, params: { id }, body: { text, requestId } }) =>
    asOperator(db, 'answer a ticket', async (tx) => {
      const answered = await answerTicket(tx, { ticketId: id, text, reference: `web:${requestId}` }, actor)
      return named(tx, answered, at)
    }),
  close: ({ actor, at, params: { id } }) =>
    asOperator(db, 'close a ticket', async (tx) => named(tx, await closeTicket(tx, id, actor), at)),
})

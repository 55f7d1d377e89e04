import { toDate } from '#server/base/clock.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, findOperator, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { authorOf, requireRoomToWrite } from './open-ticket.ts'
import { noticeOperators, noticePerson } from './record-notices.ts'
import { type Ticket, checkTicketText, stateAfterMessage } from './ticket.rules.ts'
import { insertTicketMessage, lockAsker, lockTicket, updateTicket } from './ticket.store.ts'

const locked = async (tx: OperatorTx, id: number): Promise<Ticket> => {
  const ticket = await lockTicket(tx, id)
  if (!ticket) throw notFound('ticket', id)
  return ticket
}

const nextState = (ticket: Ticket, from: 'asker' | 'operator') => {
  const state = stateAfterMessage(ticket.state, from)
  if (state === null) throw new AppError('conflict', 'ticket_closed', { id: ticket.id })
  return state
}

/** The operator behind `operator:777`; null for other actors, such as the command line. */
const operatorOf = (by: string): number | null => Number(/^operator:(\d+)$/.exec(by)?.[1] ?? 0) || null

interface Words {
  readonly ticketId: number
  /** 1–4000 characters. */
  readonly text: string
  /** Names the update it came from: the same one is written once. */
  readonly reference: string
}

/**
 * Adds what the asker writes; an answered ticket is open again. Tells whoever took the ticket, or everybody who answers.
 * Errors: `not_found` (also for tickets of others), `conflict/ticket_closed`, `invalid/text_length`,
 * `rate_limited/ticket_messages` (20 an hour).
 */
export const addTicketMessage = async (
  tx: OperatorTx,
  { ticketId, telegramId, text, reference }: Words & { readonly telegramId: number },
  at: number,
): Promise<Ticket> => {
  const words = checkTicketText(text)
  await lockAsker(tx, telegramId)
  const ticket = await locked(tx, ticketId)
  if (ticket.telegramId !== telegramId) throw notFound('ticket', ticketId)
  const state = nextState(ticket, 'asker')
  await requireRoomToWrite(tx, telegramId, at)
  const message = await insertTicketMessage(tx, { ticket, author: authorOf(telegramId), text: words, at, reference })
  if (!message) return ticket
  const changed = await updateTicket(tx, ticketId, { state })
  const params = { ticket: ticketId, kind: ticket.kind, tenant: ticket.tenantId ?? 0 }
  const dedupeKey = `ticket_message:${message.id}`
  await noticeOperators(tx, { kind: 'ticket_message', dedupeKey, params, only: ticket.assignedTo }, at)
  return changed
}

/**
 * Answers a ticket and tells whoever asked; the first answer stops the timer, and an unassigned ticket is taken.
 * Audited without the text. Errors: `forbidden/not_allowed`, `not_found`, `conflict/ticket_closed`, `invalid/text_length`.
 */
export const answerTicket = async (
  tx: OperatorTx,
  { ticketId, text, reference }: Words,
  { by, access, at }: ActingPerson,
): Promise<Ticket> => {
  requireCan(access, 'support.answer')
  const words = checkTicketText(text)
  const ticket = await locked(tx, ticketId)
  const state = nextState(ticket, 'operator')
  const message = await insertTicketMessage(tx, { ticket, author: by, text: words, at, reference })
  if (!message) return ticket
  const changed = await updateTicket(tx, ticketId, {
    state,
    assigned_to: ticket.assignedTo ?? operatorOf(by),
    ...(ticket.firstResponseAt === null && { first_response_at: toDate(at) }),
  })
  await recordAudit(tx, {
    tenantId: ticket.tenantId,
    actor: by,
    action: 'ticket.answered',
    target: `ticket:${ticketId}`,
    detail: { before: ticket.state, after: state, first: ticket.firstResponseAt === null },
    at,
  })
  const params = { ticket: ticketId, message: message.id }
  const told = {
    kind: 'ticket_answered',
    dedupeKey: `ticket_answered:${message.id}`,
    groupKey: `ticket:${ticketId}`,
  } as const
  await noticePerson(tx, ticket.telegramId, { ...told, params }, at)
  return changed
}

/**
 * Gives a ticket to one who answers. Audited. Errors: `forbidden/not_allowed`, `not_found` for the ticket or the
 * operator, `conflict/ticket_closed`.
 */
export const assignTicket = async (
  tx: OperatorTx,
  { ticketId, to }: { readonly ticketId: number; readonly to: number },
  { by, access, at }: ActingPerson,
): Promise<Ticket> => {
  requireCan(access, 'support.answer')
  const ticket = await locked(tx, ticketId)
  if (ticket.state === 'closed') throw new AppError('conflict', 'ticket_closed', { id: ticketId })
  if (!(await findOperator(tx, to))) throw notFound('operator', to)
  if (ticket.assignedTo === to) return ticket
  const changed = await updateTicket(tx, ticketId, { assigned_to: to })
  await recordAudit(tx, {
    tenantId: ticket.tenantId,
    actor: by,
    action: 'ticket.assigned',
    target: `ticket:${ticketId}`,
    detail: { before: ticket.assignedTo, after: to },
    at,
  })
  return changed
}

/**
 * Closes a ticket: its asker, or one who answers, whose closing the asker is told. Closing again changes nothing.
 * Audited. Errors: `not_found` (also for tickets of others), `forbidden/not_allowed`.
 */
export const closeTicket = async (
  tx: OperatorTx,
  ticketId: number,
  who: { readonly telegramId: number; readonly at: number } | ActingPerson,
): Promise<Ticket> => {
  const ticket = await locked(tx, ticketId)
  const isAsker = 'telegramId' in who
  if (isAsker && ticket.telegramId !== who.telegramId) throw notFound('ticket', ticketId)
  if (!isAsker) requireCan(who.access, 'support.answer')
  if (ticket.state === 'closed') return ticket
  const changed = await updateTicket(tx, ticketId, { state: 'closed', closed_at: toDate(who.at) })
  await recordAudit(tx, {
    tenantId: ticket.tenantId,
    actor: isAsker ? authorOf(who.telegramId) : who.by,
    action: 'ticket.closed',
    target: `ticket:${ticketId}`,
    detail: { before: ticket.state, after: 'closed' },
    at: who.at,
  })
  if (!isAsker) {
    const told = { kind: 'ticket_closed', dedupeKey: `ticket_closed:${ticketId}:${who.at}` } as const
    await noticePerson(tx, ticket.telegramId, { ...told, params: { ticket: ticketId } }, who.at)
  }
  return changed
}

import type { TicketKind } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { findSubscription } from '#server/modules/billing/index.ts'
import { can, listMemberships, recordAudit } from '#server/modules/tenancy/index.ts'

import { noticeOperators } from './record-notices.ts'
import {
  OPEN_TICKETS_MAX,
  TICKET_MESSAGES_HOURLY_MAX,
  type Ticket,
  checkTicketText,
  subjectOf,
  supportTermsOf,
} from './ticket.rules.ts'
import {
  countOpenTickets,
  countRecentMessages,
  insertTicket,
  insertTicketMessage,
  lockAsker,
  selectByReference,
} from './ticket.store.ts'

export interface NewTicketInput {
  readonly telegramId: number
  /** The tenant it is about; null for those who are no customers yet. */
  readonly tenantId: number | null
  readonly kind: TicketKind
  /** 1–4000 characters. */
  readonly text: string
  /** Names the update it came from: the same one opens one ticket. */
  readonly reference: string
}

export const authorOf = (telegramId: number): string => `telegram:${telegramId}`

/** Errors: `rate_limited/ticket_messages`. */
export const requireRoomToWrite = async (tx: OperatorTx, telegramId: number, at: number): Promise<void> => {
  const written = await countRecentMessages(tx, authorOf(telegramId), at)
  if (written >= TICKET_MESSAGES_HOURLY_MAX)
    throw new AppError('rate_limited', 'ticket_messages', { limit: TICKET_MESSAGES_HOURLY_MAX, used: written })
}

/** The member whose tenant it is about, or a stranger, who may ask for everything but help with what they have. */
const requireStanding = async (tx: OperatorTx, input: NewTicketInput): Promise<void> => {
  if (input.tenantId === null) {
    if (input.kind === 'support') throw new AppError('forbidden', 'ticket_needs_customer', { field: 'kind' })
    return
  }
  const member = (await listMemberships(tx, input.telegramId)).find((row) => row.tenantId === input.tenantId)
  if (!member || !can({ kind: 'member', role: member.role }, 'support.ask'))
    throw new AppError('forbidden', 'not_allowed', { action: 'support.ask' })
}

/**
 * Opens a ticket and tells those who answer; the first answer is due as the package promises. Idempotent by reference.
 * Takes one person's tickets one after another. Audited. Errors: `forbidden/not_allowed`, `forbidden/ticket_needs_customer`,
 * `invalid/text_length`, `limit_reached/tickets_open` (3), `rate_limited/ticket_messages` (20 an hour).
 */
export const openTicket = async (tx: OperatorTx, input: NewTicketInput, at: number): Promise<Ticket> => {
  const text = checkTicketText(input.text)
  await requireStanding(tx, input)
  await lockAsker(tx, input.telegramId)
  const known = await selectByReference(tx, input.reference)
  if (known) return known
  const open = await countOpenTickets(tx, input.telegramId)
  if (open >= OPEN_TICKETS_MAX)
    throw new AppError('limit_reached', 'tickets_open', { limit: OPEN_TICKETS_MAX, used: open })
  await requireRoomToWrite(tx, input.telegramId, at)
  const subscription = input.tenantId === null ? null : await findSubscription(tx, input.tenantId)
  const terms = supportTermsOf(subscription)
  const ticket = await insertTicket(tx, {
    tenantId: input.tenantId,
    telegramId: input.telegramId,
    kind: input.kind,
    subject: subjectOf(text),
    priority: terms.priority,
    openedAt: at,
    firstResponseDueAt: at + terms.firstResponseMs,
    reference: input.reference,
  })
  const author = authorOf(input.telegramId)
  await insertTicketMessage(tx, { ticket, author, text, at, reference: input.reference })
  await recordAudit(tx, {
    tenantId: ticket.tenantId,
    actor: author,
    action: 'ticket.opened',
    target: `ticket:${ticket.id}`,
    detail: { kind: ticket.kind, priority: ticket.priority },
    at,
  })
  const params = {
    ticket: ticket.id,
    kind: ticket.kind,
    tenant: ticket.tenantId ?? 0,
    dueAt: ticket.firstResponseDueAt,
  }
  await noticeOperators(tx, { kind: 'ticket_opened', dedupeKey: `ticket_opened:${ticket.id}`, params }, at)
  return ticket
}

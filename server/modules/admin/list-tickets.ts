import { notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

import { noticeOperators } from './record-notices.ts'
import { type Ticket, type TicketMessage, isOverdue } from './ticket.rules.ts'
import {
  type SupportFigures,
  type TicketFilter,
  type TicketPage,
  selectSupportFigures,
  selectTicket,
  selectTicketMessages,
  selectTickets,
} from './ticket.store.ts'

const MESSAGES_SHOWN = 50
const PORTION = 100

/** Who looks: one who answers, or somebody at what they asked themselves. */
export type TicketViewer = { readonly access: Access } | { readonly telegramId: number }

/**
 * Tickets in the order they want attention: open before answered before closed, high priority first, then by when the
 * first answer is due. `limit` 1–100. Without `support.answer` only one's own. Errors: `forbidden/not_allowed`.
 */
export const listTickets = async (
  tx: OperatorTx,
  viewer: TicketViewer,
  filter: TicketFilter = {},
  page: { readonly limit: number; readonly offset: number } = { limit: 50, offset: 0 },
): Promise<TicketPage> => {
  const own = 'telegramId' in viewer ? { telegramId: viewer.telegramId } : {}
  if ('access' in viewer) requireCan(viewer.access, 'support.answer')
  const limit = Math.min(Math.max(page.limit, 1), PORTION)
  return selectTickets(tx, { ...filter, ...own }, { limit, offset: Math.max(0, page.offset) })
}

export interface TicketThread {
  readonly ticket: Ticket
  /** The newest 50, oldest first. */
  readonly messages: readonly TicketMessage[]
}

/** One ticket and what was written. Errors: `not_found` (also for tickets of others), `forbidden/not_allowed`. */
export const getTicket = async (tx: OperatorTx, id: number, viewer: TicketViewer): Promise<TicketThread> => {
  if ('access' in viewer) requireCan(viewer.access, 'support.answer')
  const ticket = await selectTicket(tx, id)
  if (!ticket || ('telegramId' in viewer && ticket.telegramId !== viewer.telegramId)) throw notFound('ticket', id)
  return { ticket, messages: await selectTicketMessages(tx, id, MESSAGES_SHOWN) }
}

/** Tickets by state, what is overdue, and how fast first answers came for those opened since `from`. */
export const reportSupport = (
  tx: OperatorTx,
  window: { readonly from: number; readonly at: number },
): Promise<SupportFigures> => selectSupportFigures(tx, window)

/** Tells those who answer of every ticket whose first answer is overdue, once a ticket. Returns how many are new. */
export const noticeOverdueTickets = async (tx: OperatorTx, at: number): Promise<number> => {
  const { tickets } = await selectTickets(tx, { overdueAt: at }, { limit: PORTION, offset: 0 })
  let told = 0
  for (const ticket of tickets.filter((row) => isOverdue(row, at))) {
    const params = { ticket: ticket.id, kind: ticket.kind, tenant: ticket.tenantId ?? 0 }
    const dedupeKey = `ticket_overdue:${ticket.id}`
    told += (await noticeOperators(tx, { kind: 'ticket_overdue', dedupeKey, params }, at)) > 0 ? 1 : 0
  }
  return told
}

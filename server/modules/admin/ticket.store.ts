import { type Selectable, type Updateable, sql } from 'kysely'

import type { TicketKind, TicketPriority, TicketState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import type { TicketMessageTable, TicketTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { Ticket, TicketMessage } from './ticket.rules.ts'

const toTicket = (row: Selectable<TicketTable>): Ticket => ({
  id: row.id,
  tenantId: row.tenant_id,
  telegramId: row.telegram_id,
  kind: row.kind as TicketKind,
  subject: row.subject,
  state: row.state as TicketState,
  priority: row.priority as TicketPriority,
  openedAt: row.opened_at.getTime(),
  firstResponseDueAt: row.first_response_due_at.getTime(),
  firstResponseAt: row.first_response_at?.getTime() ?? null,
  closedAt: row.closed_at?.getTime() ?? null,
  assignedTo: row.assigned_to,
})

const toMessage = (row: Selectable<TicketMessageTable>): TicketMessage => ({
  id: row.id,
  ticketId: row.ticket_id,
  author: row.author,
  text: row.text,
  at: row.at.getTime(),
})

export interface NewTicket {
  readonly tenantId: number | null
  readonly telegramId: number
  readonly kind: TicketKind
  readonly subject: string
  readonly priority: TicketPriority
  readonly openedAt: number
  readonly firstResponseDueAt: number
  readonly reference: string
}

/** One person's tickets and messages one after another, so that limits hold however fast they write. */
export const lockAsker = async (tx: OperatorTx, telegramId: number): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtext('ticket'), hashtext(${String(telegramId)}))`.execute(tx)
}

export const insertTicket = async (tx: OperatorTx, ticket: NewTicket): Promise<Ticket> => {
  const row = await tx
    .insertInto('ticket')
    .values({
      tenant_id: ticket.tenantId,
      telegram_id: ticket.telegramId,
      kind: ticket.kind,
      subject: ticket.subject,
      priority: ticket.priority,
      opened_at: toDate(ticket.openedAt),
      first_response_due_at: toDate(ticket.firstResponseDueAt),
      reference: ticket.reference,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return toTicket(row)
}

export const selectByReference = async (tx: OperatorTx, reference: string): Promise<Ticket | null> => {
  const row = await tx.selectFrom('ticket').selectAll().where('reference', '=', reference).executeTakeFirst()
  return row ? toTicket(row) : null
}

export const selectTicket = async (tx: OperatorTx | TenantTx, id: number): Promise<Ticket | null> => {
  const row = await (tx as OperatorTx).selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toTicket(row) : null
}

export const lockTicket = async (tx: OperatorTx, id: number): Promise<Ticket | null> => {
  const row = await tx.selectFrom('ticket').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toTicket(row) : null
}

export const updateTicket = async (tx: OperatorTx, id: number, changes: Updateable<TicketTable>): Promise<Ticket> => {
  const row = await tx.updateTable('ticket').set(changes).where('id', '=', id).returningAll().executeTakeFirstOrThrow()
  return toTicket(row)
}

export const countOpenTickets = async (tx: OperatorTx, telegramId: number): Promise<number> => {
  const row = await tx
    .selectFrom('ticket')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('telegram_id', '=', telegramId)
    .where('state', '<>', 'closed')
    .executeTakeFirstOrThrow()
  return row.count
}

/** What this author wrote in the hour before `at`. */
export const countRecentMessages = async (tx: OperatorTx, author: string, at: number): Promise<number> => {
  const row = await tx
    .selectFrom('ticket_message')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('author', '=', author)
    .where('at', '>', toDate(at - HOUR_MS))
    .executeTakeFirstOrThrow()
  return row.count
}

export interface NewTicketMessage {
  readonly ticket: Pick<Ticket, 'id' | 'tenantId'>
  readonly author: string
  readonly text: string
  readonly at: number
  readonly reference: string
}

/** The new message, or null when the same update has written one already. */
export const insertTicketMessage = async (tx: OperatorTx, message: NewTicketMessage): Promise<TicketMessage | null> => {
  const row = await tx
    .insertInto('ticket_message')
    .values({
      tenant_id: message.ticket.tenantId,
      ticket_id: message.ticket.id,
      author: message.author,
      text: message.text,
      at: toDate(message.at),
      reference: message.reference,
    })
    .onConflict((c) => c.column('reference').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toMessage(row) : null
}

export const selectTicketMessages = async (
  tx: OperatorTx | TenantTx,
  ticketId: number,
  limit: number,
): Promise<readonly TicketMessage[]> => {
  const rows = await (tx as OperatorTx)
    .selectFrom('ticket_message')
    .selectAll()
    .where('ticket_id', '=', ticketId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.toReversed().map(toMessage)
}

/** One message by id, for the notice that brings it. */
export const selectTicketMessage = async (tx: OperatorTx, id: number): Promise<TicketMessage | null> => {
  const row = await tx.selectFrom('ticket_message').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toMessage(row) : null
}

export interface TicketFilter {
  readonly states?: readonly TicketState[]
  readonly telegramId?: number
  readonly tenantId?: number
  /** Without a first answer although its time is over at this instant. */
  readonly overdueAt?: number
}

export interface TicketPage {
  readonly tickets: readonly Ticket[]
  readonly total: number
}

/** What waits longest for a first answer comes first, then what is answered, then what is closed. */
export const selectTickets = async (
  tx: OperatorTx | TenantTx,
  filter: TicketFilter,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<TicketPage> => {
  let query = (tx as OperatorTx).selectFrom('ticket')
  if (filter.states) query = query.where('state', 'in', filter.states)
  if (filter.telegramId !== undefined) query = query.where('telegram_id', '=', filter.telegramId)
  if (filter.tenantId !== undefined) query = query.where('tenant_id', '=', filter.tenantId)
  if (filter.overdueAt !== undefined)
    query = query
      .where('state', '<>', 'closed')
      .where('first_response_at', 'is', null)
      .where('first_response_due_at', '<=', toDate(filter.overdueAt))
  const rows = await query
    .selectAll()
    .orderBy(sql`case state when 'open' then 0 when 'answered' then 1 else 2 end`)
    .orderBy(sql`case priority when 'high' then 0 else 1 end`)
    .orderBy('first_response_due_at')
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute()
  const { total } = await query.select(sql<number>`count(*)::integer`.as('total')).executeTakeFirstOrThrow()
  return { tickets: rows.map(toTicket), total }
}

export interface SupportFigures {
  readonly open: number
  readonly answered: number
  readonly closed: number
  readonly overdue: number
  /** Of tickets opened since `from` that got an answer, epoch ms differences; null when none did. */
  readonly medianFirstResponseMs: number | null
  /** Share of those opened since `from` whose first answer came in time; null when none is decided yet. */
  readonly inTimeRatio: number | null
}

/** Counts by state, what is overdue at `at`, and how fast first answers came for tickets opened since `from`. */
export const selectSupportFigures = async (
  tx: OperatorTx,
  { from, at }: { readonly from: number; readonly at: number },
): Promise<SupportFigures> => {
  const { rows } = await sql<{
    open: number
    answered: number
    closed: number
    overdue: number
    median_ms: number | null
    in_time: number
    decided: number
  }>`
    select count(*) filter (where state = 'open')::int as open,
      count(*) filter (where state = 'answered')::int as answered,
      count(*) filter (where state = 'closed' and closed_at >= ${toDate(from)})::int as closed,
      count(*) filter (where state <> 'closed' and first_response_at is null
        and first_response_due_at <= ${toDate(at)})::int as overdue,
      percentile_cont(0.5) within group (order by extract(epoch from first_response_at - opened_at) * 1000)
        filter (where first_response_at is not null and opened_at >= ${toDate(from)}) as median_ms,
      count(*) filter (where first_response_at <= first_response_due_at and opened_at >= ${toDate(from)})::int as in_time,
      count(*) filter (where opened_at >= ${toDate(from)}
        and (first_response_at is not null or (state <> 'closed' and first_response_due_at <= ${toDate(at)})))::int as decided
    from ticket`.execute(tx)
  const row = rows[0]
  return {
    open: row?.open ?? 0,
    answered: row?.answered ?? 0,
    closed: row?.closed ?? 0,
    overdue: row?.overdue ?? 0,
    medianFirstResponseMs: row?.median_ms == null ? null : Math.round(row.median_ms),
    inTimeRatio: row === undefined || row.decided === 0 ? null : row.in_time / row.decided,
  }
}

/** Drops texts written before an instant, and subjects, which repeat them; the rows stay. Returns how many. */
export const dropTicketTexts = async (tx: OperatorTx, before: number): Promise<number> => {
  await sql`update ticket set subject = '–' where opened_at < ${toDate(before)} and subject <> '–'`.execute(tx)
  const { numAffectedRows } = await sql`
    update ticket_message set text = null where id in (
      select id from ticket_message where text is not null and at < ${toDate(before)} limit 5000)`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

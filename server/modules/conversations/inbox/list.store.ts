import { type RawBuilder, sql } from 'kysely'

import type { ConversationState, Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { masksWith } from '#server/modules/contacts/index.ts'

/** What a list of conversations is narrowed to; all conditions hold together. */
export interface ConversationFilter {
  readonly ids?: readonly number[]
  readonly state?: ConversationState
  /** A member, or null for what is nobody's. */
  readonly assignedTo?: number | null
  /** Due for an answer before this instant: the longest overdue first. */
  readonly overdueAt?: number
  readonly isUnread?: boolean
  readonly tag?: string
  readonly accountId?: number
  readonly contactId?: number
  readonly segment?: Segment
}

/** A conversation as a list shows it. Instants are epoch ms. */
export interface ConversationLine {
  readonly id: number
  readonly accountId: number
  readonly accountName: string
  readonly contactId: number
  readonly firstName: string | null
  readonly lastName: string | null
  readonly username: string | null
  readonly telegramId: number | null
  readonly tags: readonly string[]
  readonly state: ConversationState
  readonly assignedTo: number | null
  readonly assigneeName: string | null
  readonly unreadCount: number
  readonly turn: number
  readonly lastTurnBy: string
  readonly lastInboundAt: number
  readonly answerDueAt: number | null
  readonly snoozedUntil: number | null
  readonly handedOverAt: number | null
  /** The newest words, whosever; null without any, or once their time is over. */
  readonly lastText: string | null
  readonly lastTextIsInbound: boolean | null
}

/** After which line a page begins: by when it is due among the overdue, else by the contact's newest message. */
export interface ConversationCursor {
  readonly at: number
  readonly id: number
}

interface Row {
  readonly id: number
  readonly account_id: number
  readonly account_name: string
  readonly contact_id: number
  readonly first_name: string
  readonly last_name: string
  readonly username: string | null
  readonly telegram_id: number | null
  readonly tags: readonly string[]
  readonly state: ConversationState
  readonly assigned_to: number | null
  readonly assignee_name: string | null
  readonly unread_count: number
  readonly turn: number
  readonly last_turn_by: string
  readonly last_inbound_at: Date
  readonly answer_due_at: Date | null
  readonly snoozed_until: Date | null
  readonly handed_over_at: Date | null
  readonly last_text: string | null
  readonly last_direction: 'in' | 'out' | null
}

const toLine = (row: Row): ConversationLine => ({
  id: row.id,
  accountId: row.account_id,
  accountName: row.account_name,
  contactId: row.contact_id,
  firstName: row.first_name,
  lastName: row.last_name,
  username: row.username,
  telegramId: row.telegram_id,
  tags: row.tags,
  state: row.state,
  assignedTo: row.assigned_to,
  assigneeName: row.assignee_name,
  unreadCount: row.unread_count,
  turn: row.turn,
  lastTurnBy: row.last_turn_by,
  lastInboundAt: row.last_inbound_at.getTime(),
  answerDueAt: row.answer_due_at?.getTime() ?? null,
  snoozedUntil: row.snoozed_until?.getTime() ?? null,
  handedOverAt: row.handed_over_at?.getTime() ?? null,
  lastText: row.last_text,
  lastTextIsInbound: row.last_direction === null ? null : row.last_direction === 'in',
})

const conditionsOf = (tenantId: number, filter: ConversationFilter): RawBuilder<unknown>[] => {
  const { ids, state, assignedTo, overdueAt, isUnread, tag, accountId, contactId, segment } = filter
  return [
    ...(ids === undefined ? [] : [sql`c.id = any(${ids}::bigint[])`]),
    ...(state === undefined ? [] : [sql`c.state = ${state}`]),
    // What is closed is nobody's to do, and not in the index of who has to.
    ...(assignedTo === undefined
      ? []
      : assignedTo === null
        ? [sql`c.assigned_to is null and c.state <> 'closed'`]
        : [sql`c.assigned_to = ${assignedTo} and c.state <> 'closed'`]),
    ...(overdueAt === undefined ? [] : [sql`c.answer_due_at <= ${toDate(overdueAt)}`]),
    ...(isUnread === true ? [sql`c.unread_count > 0`] : []),
    ...(accountId === undefined ? [] : [sql`c.account_id = ${accountId}`]),
    ...(contactId === undefined ? [] : [sql`c.contact_id = ${contactId}`]),
    ...(tag === undefined
      ? []
      : [
          sql`exists (select from contact k where k.tenant_id = c.tenant_id and k.id = c.contact_id and k.tags @> array[${tag}]::text[])`,
        ]),
    ...(segment === undefined
      ? []
      : [
          sql`exists (select from segment_assignment s where s.tenant_id = c.tenant_id and s.contact_id = c.contact_id
            and s.held = any(${masksWith(tenantId, segment)}))`,
        ]),
  ]
}

/** The rows of one page: chosen by an index of `conversation` alone, save for tags and segments. */
export const pageOf = (
  tx: TenantTx,
  filter: ConversationFilter,
  cursor: ConversationCursor | null,
  limit: number,
): RawBuilder<unknown> => {
  const isByDue = filter.overdueAt !== undefined
  const after =
    cursor === null
      ? []
      : isByDue
        ? [sql`(c.answer_due_at, c.id) > (${toDate(cursor.at)}, ${cursor.id}::bigint)`]
        : [sql`(c.last_inbound_at, c.id) < (${toDate(cursor.at)}, ${cursor.id}::bigint)`]
  const where = sql.join(
    [sql`c.tenant_id = ${tx.tenantId}`, ...conditionsOf(tx.tenantId, filter), ...after],
    sql` and `,
  )
  const order = isByDue ? sql`c.answer_due_at, c.id` : sql`c.last_inbound_at desc, c.id desc`
  return sql`select c.* from conversation c where ${where} order by ${order} limit ${limit}`
}

/** One page of conversations; names, assignee and newest words are looked up for its lines only. */
export const selectConversations = async (
  tx: TenantTx,
  filter: ConversationFilter,
  cursor: ConversationCursor | null,
  limit: number,
): Promise<readonly ConversationLine[]> => {
  const order = filter.overdueAt === undefined ? sql`p.last_inbound_at desc, p.id desc` : sql`p.answer_due_at, p.id`
  const { rows } = await sql<Row>`
    with page as materialized (${pageOf(tx, filter, cursor, limit)})
    select p.id, p.account_id, coalesce('@' || a.username, a.display_name) as account_name, p.contact_id, k.first_name,
      k.last_name, k.username, k.telegram_id, k.tags, p.state, p.assigned_to, w.name as assignee_name, p.unread_count,
      p.turn, p.last_turn_by, p.last_inbound_at, p.answer_due_at, p.snoozed_until, p.handed_over_at,
      m.text as last_text, m.direction as last_direction
    from page p
    join account a on a.tenant_id = p.tenant_id and a.id = p.account_id
    join contact k on k.tenant_id = p.tenant_id and k.id = p.contact_id
    left join member w on w.tenant_id = p.tenant_id and w.id = p.assigned_to
    left join lateral (
      select text, direction from message m
      where m.tenant_id = p.tenant_id and m.contact_id = p.contact_id and m.account_id = p.account_id and m.chat_id > 0
      order by m.at desc limit 1
    ) m on true
    order by ${order}`.execute(tx)
  return rows.map(toLine)
}

/** How many conversations stand where. */
export interface ConversationCounts {
  readonly states: Readonly<Record<ConversationState, number>>
  /** Of those not closed. */
  readonly unassigned: number
  readonly unread: number
  /** Due for an answer by now. */
  readonly overdue: number
  /** That wait for a person. */
  readonly handedOver: number
}

interface StateCounts extends Omit<ConversationCounts, 'states'> {
  readonly state: ConversationState
  readonly total: number
}

/** Counts by state. What is closed, which is most of all in the long run, is counted from its index alone. */
export const selectCounts = async (
  tx: TenantTx,
  at: number,
  accountId: number | null,
): Promise<readonly StateCounts[]> => {
  const ofAccount = accountId === null ? sql`` : sql`and account_id = ${accountId}`
  const { rows } = await sql<StateCounts>`
    select state, count(*)::int as total,
      count(*) filter (where assigned_to is null)::int as unassigned,
      count(*) filter (where unread_count > 0)::int as unread,
      count(*) filter (where answer_due_at <= ${toDate(at)})::int as overdue,
      count(*) filter (where handed_over_at is not null)::int as "handedOver"
    from conversation where tenant_id = ${tx.tenantId} and state in ('open', 'waiting', 'snoozed') ${ofAccount} group by state
    union all
    select 'closed', count(*)::int, 0, 0, 0, 0 from conversation
    where tenant_id = ${tx.tenantId} and state = 'closed' ${ofAccount}`.execute(tx)
  return rows
}

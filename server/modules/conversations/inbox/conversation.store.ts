import { type RawBuilder, type Selectable, sql } from 'kysely'

import type { ConversationState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { ConversationTable } from '#server/db/schema.generated.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Addressee, Conversation } from './conversation.rules.ts'
import { INBOX_DEFAULTS } from './inbox-setting.rules.ts'

const COLUMNS = [
  'id', 'account_id', 'contact_id', 'state', 'assigned_to', 'opened_at', 'last_inbound_at', 'last_inbound_message_id',
  'last_outbound_at', 'answer_due_at', 'snoozed_until', 'closed_at', 'ai_paused_until', 'ai_paused_reason',
  'handed_over_at', 'hand_over_reason', 'ai_disclosed_at', 'turn', 'opened_turn', 'last_turn_by', 'unread_count',
  'closes_at',
] as const // prettier-ignore

export type ConversationRow = Pick<Selectable<ConversationTable>, (typeof COLUMNS)[number]>

/** What {@link toConversation} reads, of a table or alias: named one by one, so that the plan can be kept. */
export const conversationColumns = (of: string): RawBuilder<unknown> =>
  sql.join(COLUMNS.map((column) => sql.ref(`${of}.${column}`)))

export const toConversation = (row: ConversationRow): Conversation => ({
  id: row.id,
  accountId: row.account_id,
  contactId: row.contact_id,
  state: row.state as ConversationState,
  assignedTo: row.assigned_to,
  openedAt: row.opened_at.getTime(),
  lastInboundAt: row.last_inbound_at.getTime(),
  lastInboundMessageId: row.last_inbound_message_id,
  lastOutboundAt: row.last_outbound_at?.getTime() ?? null,
  answerDueAt: row.answer_due_at?.getTime() ?? null,
  snoozedUntil: row.snoozed_until?.getTime() ?? null,
  closedAt: row.closed_at?.getTime() ?? null,
  aiPausedUntil: row.ai_paused_until?.getTime() ?? null,
  aiPausedReason: row.ai_paused_reason,
  handedOverAt: row.handed_over_at?.getTime() ?? null,
  handOverReason: row.hand_over_reason,
  aiDisclosedAt: row.ai_disclosed_at?.getTime() ?? null,
  turn: row.turn,
  openedTurn: row.opened_turn,
  lastTurnBy: row.last_turn_by,
  unreadCount: row.unread_count,
  closesAt: row.closes_at?.getTime() ?? null,
})

const one = async (tx: TenantTx, query: RawBuilder<Selectable<ConversationTable>>): Promise<Conversation | null> => {
  const [row] = (await query.execute(tx)).rows
  return row ? toConversation(row) : null
}

/** How long the tenant gives itself for an answer. */
const answerTime = (tx: TenantTx) => sql`(
  select coalesce(max(answer_within_minutes), ${INBOX_DEFAULTS.answerWithinMinutes}) * interval '1 minute'
  from inbox_setting where tenant_id = ${tx.tenantId})`

/** How long silence lasts before it closes what waits for the contact; null for ever. */
const silenceTime = (tx: TenantTx) => sql`(
  select case when count(*) = 0 then ${INBOX_DEFAULTS.closeAfterDays} else max(close_after_days) end * interval '1 day'
  from inbox_setting where tenant_id = ${tx.tenantId})`

/** What a contact wrote to an account, as the conversation keeps it. `at` is epoch ms. */
export interface InboundWords {
  readonly accountId: number
  readonly contactId: number
  readonly messageId: number | null
  readonly at: number
}

/**
 * Opens the conversations of several contacts, or opens them again, and writes down where one began; the oldest unanswered
 * message says until when to answer. Each conversation stands there once. Locks their rows, the lowest first. In no
 * particular order.
 */
export const saveInbound = async (tx: TenantTx, words: readonly InboundWords[]): Promise<readonly Conversation[]> => {
  if (words.length === 0) return []
  const { rows } = await sql<ConversationRow>`
    with said as (
      select u.* from unnest(${words.map((w) => w.accountId)}::bigint[], ${words.map((w) => w.contactId)}::bigint[],
        ${words.map((w) => w.messageId)}::bigint[], ${words.map((w) => toDate(w.at))}::timestamptz[])
        as u (account_id, contact_id, message_id, at)
    ), saved as (
      insert into conversation as c
        (tenant_id, account_id, contact_id, opened_at, last_inbound_at, last_inbound_message_id, turn, opened_turn,
          last_turn_by, unread_count, answer_due_at)
      select ${tx.tenantId}, said.account_id, said.contact_id, said.at, said.at, said.message_id, 1, 1, 'contact', 1,
        said.at + ${answerTime(tx)}
      from said left join conversation known
        on known.tenant_id = ${tx.tenantId} and known.account_id = said.account_id and known.contact_id = said.contact_id
      order by known.id nulls last, said.contact_id
      on conflict (tenant_id, account_id, contact_id) do update set
        state = 'open', snoozed_until = null, closed_at = null, closes_at = null,
        opened_at = case when c.state = 'closed' then greatest(excluded.opened_at, c.closed_at) else c.opened_at end,
        opened_turn = case when c.state = 'closed' then c.turn + 1 else c.opened_turn end,
        last_inbound_at = greatest(c.last_inbound_at, excluded.last_inbound_at),
        last_inbound_message_id = coalesce(excluded.last_inbound_message_id, c.last_inbound_message_id),
        turn = c.turn + 1, last_turn_by = 'contact', unread_count = c.unread_count + 1,
        overdue_told_at = case when c.answer_due_at is not null then c.overdue_told_at end,
        -- A message told of late still gives its full time.
        answer_due_at = coalesce(c.answer_due_at,
          greatest(excluded.opened_at, c.opened_at, c.closed_at) + (excluded.answer_due_at - excluded.opened_at))
      returning *
    ), opened as (
      insert into conversation_event (tenant_id, conversation_id, contact_id, at, kind, by, detail)
      select tenant_id, id, contact_id, opened_at, 'opened', 'contact', '{}' from saved where opened_turn = turn
    )
    select ${conversationColumns('saved')} from saved`.execute(tx)
  return rows.map(toConversation)
}

/** The conversation of a contact on an account; null before they wrote. */
export const findConversationOf = (tx: TenantTx, accountId: number, contactId: number): Promise<Conversation | null> =>
  one(
    tx,
    sql`select * from conversation
      where tenant_id = ${tx.tenantId} and account_id = ${accountId} and contact_id = ${contactId}`,
  )

/** One conversation; null where there is none. */
export const findConversation = (tx: TenantTx, id: number): Promise<Conversation | null> =>
  one(tx, sql`select * from conversation where tenant_id = ${tx.tenantId} and id = ${id}`)

/** One conversation, locked until the transaction ends; null where there is none. */
export const lockConversation = (tx: TenantTx, id: number): Promise<Conversation | null> =>
  one(tx, sql`select * from conversation where tenant_id = ${tx.tenantId} and id = ${id} for no key update`)

/** Several conversations, locked until the transaction ends, the lowest first; those that are not there are left out. */
export const lockConversations = async (tx: TenantTx, ids: readonly number[]): Promise<readonly Conversation[]> => {
  const { rows } = await sql<ConversationRow>`
    select ${conversationColumns('conversation')} from conversation
    where tenant_id = ${tx.tenantId} and id = any(${[...ids]}::bigint[])
    order by id for no key update`.execute(tx)
  return rows.map(toConversation)
}

/** Our word, as the conversation keeps it. */
export interface AnswerWords {
  /** `member:12`, `owner`, `automatic`. */
  readonly by: string
  readonly at: number
  /** A delivery that may still not leave. */
  readonly pendingDeliveryId?: number | null
}

/** We answered, in one conversation or in several: the contact has the word. Opens a closed one again. */
export const saveAnswer = async (tx: TenantTx, ids: number | readonly number[], words: AnswerWords): Promise<void> => {
  const at = toDate(words.at)
  await sql`${ahead}
    update conversation set
      state = 'waiting', snoozed_until = null, closed_at = null, answer_due_at = null, overdue_told_at = null,
      opened_at = case when state = 'closed' then greatest(${at}::timestamptz, closed_at) else opened_at end,
      opened_turn = case when state = 'closed' then turn + 1 else opened_turn end,
      last_outbound_at = greatest(last_outbound_at, ${at}), turn = turn + 1, last_turn_by = ${words.by},
      unread_count = case when ${words.by} = 'automatic' then unread_count else 0 end,
      pending_delivery_id = coalesce(${words.pendingDeliveryId ?? null}::bigint, pending_delivery_id),
      closes_at = ${at}::timestamptz + ${silenceTime(tx)}
    where tenant_id = ${tx.tenantId} and id = any(${[ids].flat()}::bigint[])`.execute(tx)
}

/** Something of ours was said that answers nobody's question to a person: where it stands stays. */
export const saveAside = async (tx: TenantTx, ids: readonly number[], at: number): Promise<void> => {
  await sql`${ahead}
    update conversation set last_outbound_at = greatest(last_outbound_at, ${toDate(at)})
    where tenant_id = ${tx.tenantId} and id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** Locks the conversation of a contact on an account, made as if we had just begun it where there is none. */
export const lockOrBegin = async (
  tx: TenantTx,
  { accountId, contactId, at }: Pick<InboundWords, 'accountId' | 'contactId' | 'at'>,
): Promise<Conversation> => {
  const found = await one(
    tx,
    sql`
    insert into conversation as c (tenant_id, account_id, contact_id, state, opened_at, last_inbound_at, last_turn_by)
    values (${tx.tenantId}, ${accountId}, ${contactId}, 'waiting', ${toDate(at)}, ${toDate(at)}, 'owner')
    on conflict (tenant_id, account_id, contact_id) do update set turn = c.turn
    returning *`,
  )
  if (!found) throw new Error('an upsert returned no row')
  return found
}

/** The model is silent here until then; an earlier end of a longer pause is not brought forward. */
export const savePause = async (tx: TenantTx, id: number, until: number, reason: string): Promise<void> => {
  await sql`
    update conversation set ai_paused_until = ${toDate(until)}, ai_paused_reason = ${reason}
    where tenant_id = ${tx.tenantId} and id = ${id}
      and (ai_paused_until is null or ai_paused_until < ${toDate(until)})`.execute(tx)
}

/** A person has to go on from here; the first reason stays. Returns whether it is new. */
export const saveHandOver = async (tx: TenantTx, id: number, reason: string, at: number): Promise<boolean> => {
  const since = toDate(at)
  const { numAffectedRows } = await sql`
    update conversation set handed_over_at = ${since}, hand_over_reason = ${reason}, state = 'open',
      snoozed_until = null, closed_at = null, closes_at = null,
      opened_at = case when state = 'closed' then greatest(${since}::timestamptz, closed_at) else opened_at end,
      opened_turn = case when state = 'closed' then turn else opened_turn end,
      answer_due_at = coalesce(answer_due_at,
        greatest(${since}::timestamptz, opened_at, closed_at) + ${answerTime(tx)}),
      overdue_told_at = case when answer_due_at is not null then overdue_told_at end
    where tenant_id = ${tx.tenantId} and id = ${id} and handed_over_at is null`.execute(tx)
  return numAffectedRows === 1n
}

/** The model may speak again. */
export const saveGivenBack = async (tx: TenantTx, id: number): Promise<void> => {
  await sql`
    update conversation set handed_over_at = null, hand_over_reason = null, ai_paused_until = null, ai_paused_reason = null
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

/** It waits out of sight until then. */
export const saveSnooze = async (tx: TenantTx, id: number, until: number): Promise<void> => {
  await sql`
    update conversation set state = 'snoozed', snoozed_until = ${toDate(until)}, closed_at = null, closes_at = null,
      answer_due_at = null, overdue_told_at = null, unread_count = 0
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

/** What every close takes away: nothing is owed, and the next stretch begins with the model free to speak. */
const CLOSED = sql`state = 'closed', snoozed_until = null, closes_at = null, answer_due_at = null, overdue_told_at = null,
  unread_count = 0, handed_over_at = null, hand_over_reason = null, ai_paused_until = null, ai_paused_reason = null`

export const saveClose = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await sql`
    update conversation set ${CLOSED}, closed_at = greatest(${toDate(at)}::timestamptz, opened_at)
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

/** Open for somebody to look at; due only where the contact waits for a word. */
export const saveReopening = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  const now = toDate(at)
  await sql`
    update conversation set state = 'open', snoozed_until = null, closed_at = null, closes_at = null,
      opened_at = case when state = 'closed' then greatest(${now}::timestamptz, closed_at) else opened_at end,
      opened_turn = case when state = 'closed' then turn else opened_turn end,
      answer_due_at = case when last_turn_by = 'contact'
        then coalesce(answer_due_at, greatest(${now}::timestamptz, opened_at, closed_at) + ${answerTime(tx)}) end
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}

/** Gives it to a member, or to nobody. */
export const saveAssignee = async (tx: TenantTx, id: number, memberId: number | null): Promise<void> => {
  await tx
    .updateTable('conversation')
    .set({ assigned_to: memberId })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Takes everything from a member; returns the conversations that were theirs. */
export const saveUnassigned = async (
  tx: TenantTx,
  memberId: number,
): Promise<readonly Pick<Conversation, 'id' | 'contactId'>[]> => {
  const rows = await tx
    .updateTable('conversation')
    .set({ assigned_to: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('assigned_to', '=', memberId)
    .returning(['id', 'contact_id as contactId'])
    .execute()
  return rows
}

/** Names of members by number, of those who left, too. */
export const listMemberNames = async (tx: TenantTx): Promise<ReadonlyMap<number, string>> => {
  const rows = await tx.selectFrom('member').select(['id', 'name']).where('tenant_id', '=', tx.tenantId).execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}

/** Somebody has seen what was written up to this turn; what came since stays unread. Returns whether anything changed. */
export const saveRead = async (tx: TenantTx, id: number, seenTurn: number): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    update conversation set unread_count = 0
    where tenant_id = ${tx.tenantId} and id = ${id} and turn <= ${seenTurn} and unread_count > 0`.execute(tx)
  return numAffectedRows === 1n
}

/** Conversations of a contact who asked for silence and has not written since, locked. */
export const lockUnanswerable = async (
  tx: TenantTx,
  contactId: number,
  at: number,
): Promise<readonly Conversation[]> => {
  const { rows } = await sql<Selectable<ConversationTable>>`
    select * from conversation
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId} and state <> 'closed' and last_inbound_at <= ${toDate(at)}
    order by id for no key update`.execute(tx)
  return rows.map(toConversation)
}

/** Whom an answer goes to. */
export const findAddressee = async (
  tx: TenantTx,
  { accountId, contactId }: Pick<Conversation, 'accountId' | 'contactId'>,
): Promise<Addressee> => {
  const row = await tx
    .selectFrom('contact as c')
    .leftJoin('contact_account as a', (join) =>
      join
        .onRef('a.tenant_id', '=', 'c.tenant_id')
        .onRef('a.contact_id', '=', 'c.id')
        .on('a.account_id', '=', accountId),
    )
    .select(['c.telegram_id', 'c.suppressed_at', 'a.reachability'])
    .where('c.tenant_id', '=', tx.tenantId)
    .where('c.id', '=', contactId)
    .executeTakeFirst()
  return {
    telegramId: row?.telegram_id ?? null,
    suppressedAt: row?.suppressed_at?.getTime() ?? null,
    reachability: row?.reachability ?? null,
  }
}

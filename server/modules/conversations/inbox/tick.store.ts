import { type RawBuilder, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { INBOX_DEFAULTS } from './inbox-setting.rules.ts'

/** What one round of the duty takes of each kind. */
export const TICK_BATCH = 1_000

/** A conversation of any tenant that something has become of. */
export interface TickedConversation {
  readonly tenantId: number
  readonly id: number
}

const within = (due: RawBuilder<unknown>) => sql`
  select c.tenant_id, c.id, c.state as was, c.pending_delivery_id, make_interval(mins => coalesce(s.answer_within_minutes, ${INBOX_DEFAULTS.answerWithinMinutes})) as time
  from conversation c left join inbox_setting s on s.tenant_id = c.tenant_id
  where ${due} limit ${TICK_BATCH} for no key update of c skip locked`

const run = async (tx: OperatorTx, query: RawBuilder<{ tenant_id: number; id: number }>) =>
  (await query.execute(tx)).rows.map((row): TickedConversation => ({ tenantId: row.tenant_id, id: row.id }))

/** Snoozes that are over: open again, and due where the contact waits for a word. */
export const wakeSnoozed = (tx: OperatorTx, at: number): Promise<readonly TickedConversation[]> =>
  run(
    tx,
    sql`
    with due as (${within(sql`c.snoozed_until <= ${toDate(at)}`)}), woken as (
      update conversation c set state = 'open', snoozed_until = null,
        answer_due_at = case when c.last_turn_by = 'contact' then greatest(c.snoozed_until, c.opened_at) + due.time end
      from due where c.tenant_id = due.tenant_id and c.id = due.id
      returning c.tenant_id, c.id, c.contact_id
    ), told as (
      insert into conversation_event (tenant_id, conversation_id, contact_id, at, kind, by)
      select tenant_id, id, contact_id, ${toDate(at)}, 'woken', 'system' from woken
    )
    select tenant_id, id from woken`,
  )

/** What waited for the contact in vain: closed. */
export const closeQuiet = (tx: OperatorTx, at: number): Promise<readonly TickedConversation[]> =>
  run(
    tx,
    sql`
    with due as (${within(sql`c.closes_at <= ${toDate(at)}`)}), closed as (
      update conversation c set state = 'closed', closes_at = null, closed_at = greatest(${toDate(at)}::timestamptz, c.opened_at),
        unread_count = 0, handed_over_at = null, hand_over_reason = null, ai_paused_until = null, ai_paused_reason = null
      from due where c.tenant_id = due.tenant_id and c.id = due.id
      returning c.tenant_id, c.id, c.contact_id
    ), told as (
      insert into conversation_event (tenant_id, conversation_id, contact_id, at, kind, by)
      select tenant_id, id, contact_id, ${toDate(at)}, 'closed', 'system' from closed
    )
    select tenant_id, id from closed`,
  )

/** People's answers that have left by now, or will never: then their conversation is open again. */
export const settlePending = (tx: OperatorTx, at: number): Promise<readonly TickedConversation[]> =>
  run(
    tx,
    sql`
    with due as (
      select p.*, d.state as came, d.reason from (${within(sql`c.pending_delivery_id is not null and exists (
        select from delivery d where d.tenant_id = c.tenant_id and d.id = c.pending_delivery_id and d.finished_at is not null)`)}) p
      join delivery d on d.tenant_id = p.tenant_id and d.id = p.pending_delivery_id
    ), settled as (
      update conversation c set pending_delivery_id = null
      from due where c.tenant_id = due.tenant_id and c.id = due.id and due.came in ('sent', 'unknown')
    ), lost as (
      update conversation c set pending_delivery_id = null, state = 'open', snoozed_until = null, closed_at = null,
        closes_at = null,
        opened_at = case when c.state = 'closed' then greatest(${toDate(at)}::timestamptz, c.closed_at) else c.opened_at end,
        opened_turn = case when c.state = 'closed' then c.turn else c.opened_turn end,
        answer_due_at = coalesce(c.answer_due_at, greatest(${toDate(at)}::timestamptz, c.opened_at, c.closed_at) + due.time)
      from due where c.tenant_id = due.tenant_id and c.id = due.id and due.came not in ('sent', 'unknown')
      returning c.tenant_id, c.id, c.contact_id, due.reason, due.was
    ), told as (
      insert into conversation_event (tenant_id, conversation_id, contact_id, at, kind, by, detail)
      select tenant_id, id, contact_id, ${toDate(at)}, kind, 'system',
        case kind when 'not_sent' then jsonb_build_object('reason', reason) else '{}' end
      from lost, (values ('opened'), ('not_sent')) as said (kind) where kind = 'not_sent' or was = 'closed'
    )
    select tenant_id, id from due`,
  )

export interface OverdueConversation extends TickedConversation {
  readonly dueAt: number
}

/** What nobody answered in time and nobody was told of, marked as told. */
export const claimOverdue = async (tx: OperatorTx, at: number): Promise<readonly OverdueConversation[]> => {
  const { rows } = await sql<{ tenant_id: number; id: number; due_at: Date }>`
    with due as (${within(sql`c.answer_due_at <= ${toDate(at)} and c.overdue_told_at is null`)})
    update conversation c set overdue_told_at = ${toDate(at)}
    from due where c.tenant_id = due.tenant_id and c.id = due.id
    returning c.tenant_id, c.id, c.answer_due_at as due_at`.execute(tx)
  return rows.map((row) => ({ tenantId: row.tenant_id, id: row.id, dueAt: row.due_at.getTime() }))
}

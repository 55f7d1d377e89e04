import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Turn, TurnOutcome } from './turn.rules.ts'

/** The channel on which answering processes hear that somebody is owed an answer. */
export const TURN_CHANNEL = 'gavatcore_turn'

interface TurnRow {
  readonly tenant_id: number
  readonly id: number
  readonly conversation_id: number
  readonly account_id: number
  readonly contact_id: number
  readonly kind: Turn['kind']
  readonly follow_up_number: number
  readonly revision: number
  readonly attempts: number
  readonly asked_at: Date
  readonly opened_at: Date
}

const toTurn = (row: TurnRow): Turn => ({
  tenantId: row.tenant_id,
  id: row.id,
  conversationId: row.conversation_id,
  accountId: row.account_id,
  contactId: row.contact_id,
  kind: row.kind,
  followUpNumber: row.follow_up_number,
  revision: row.revision,
  attempts: row.attempts,
  askedAt: row.asked_at.getTime(),
  openedAt: row.opened_at.getTime(),
})

export interface TurnOpening {
  readonly conversationId: number
  readonly accountId: number
  readonly contactId: number
  /** When the contact wrote, by Telegram's clock; epoch ms. */
  readonly writtenAt: number
}

/** Who did not answer the question for consent is asked again after this long, should they write again. */
const CONSENT_ASKED_AGAIN_MS = DAY_MS

/**
 * Answers are owed from now on, in conversations that stand there once each. One turn is open in a conversation: a newer
 * message joins it, what was thought out without it counts no more, and a draft that did not know it is superseded. The
 * caller holds the conversations. Wakes the answering processes once the transaction commits.
 */
export const saveTurns = async (tx: TenantTx, openings: readonly TurnOpening[], at: number): Promise<void> => {
  if (openings.length === 0) return
  const askedAgain = toDate(at - CONSENT_ASKED_AGAIN_MS)
  const ids = openings.map((opening) => opening.conversationId)
  await sql`${ahead}
    with superseded as (
      update reply_draft set state = 'superseded', decided_at = ${toDate(at)}, decided_by = 'newer_message'
      where tenant_id = ${tx.tenantId} and conversation_id = any(${ids}::bigint[]) and state = 'proposed'
    ), turn as (
      insert into answer_turn as t (tenant_id, conversation_id, account_id, contact_id, kind, opened_at, asked_at, due_at)
      select ${tx.tenantId}, u.conversation_id, u.account_id, u.contact_id, 'answer', u.opened_at, ${toDate(at)}, ${toDate(at)}
      from unnest(${ids}::bigint[], ${openings.map((o) => o.accountId)}::bigint[],
        ${openings.map((o) => o.contactId)}::bigint[], ${openings.map((o) => toDate(o.writtenAt))}::timestamptz[])
        as u (conversation_id, account_id, contact_id, opened_at)
      order by u.conversation_id
      on conflict (tenant_id, conversation_id) where state <> 'done' do update set
        opened_at = case when t.kind = 'answer' then least(t.opened_at, excluded.opened_at) else excluded.opened_at end,
        kind = 'answer', follow_up_number = 0, revision = t.revision + 1, attempts = 0, leased_until = null,
        asked_at = greatest(t.asked_at, excluded.asked_at), due_at = excluded.due_at,
        state = case when t.state = 'consent' and t.consent_asked_at > ${askedAgain} then 'consent' else 'pending' end
      returning t.id
    )
    select pg_notify(${TURN_CHANNEL}, '') from turn`.execute(tx)
}

/** A turn that waited for the contact's consent goes on. Returns whether there was one. */
export const resumeTurns = async (tx: TenantTx, contactId: number, at: number): Promise<boolean> => {
  const { rows } = await sql`
    with resumed as (
      update answer_turn set state = 'pending', due_at = ${toDate(at)}, leased_until = null
      where tenant_id = ${tx.tenantId} and contact_id = ${contactId} and state = 'consent'
      returning id
    )
    select pg_notify(${TURN_CHANNEL}, '') from resumed`.execute(tx)
  return rows.length > 0
}

/** Nothing is owed to a contact by a model any more; `states` are those that end. Returns how many ended. */
export const endTurns = async (
  tx: TenantTx,
  of: { readonly contactId: number; readonly accountId?: number },
  outcome: TurnOutcome,
  at: number,
): Promise<number> => {
  const { numAffectedRows } = await sql`
    update answer_turn set state = 'done', outcome = ${outcome}, finished_at = ${toDate(at)}, leased_until = null
    where tenant_id = ${tx.tenantId} and contact_id = ${of.contactId} and state <> 'done'
      and account_id = coalesce(${of.accountId ?? null}::bigint, account_id)`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}

export interface ClaimInput {
  /** The domain's time up to which a turn must be due. */
  readonly dueUntil: number
  readonly limit: number
  /** Real time, epoch ms. */
  readonly realNow: number
  readonly leaseMs: number
  /** Tenants whose turns are left for others. */
  readonly except: readonly number[]
}

/**
 * Takes up to `limit` due turns of any tenant, the longest due first; those another process works on are passed by. It
 * does not wait for the disk: a turn whose claim is taken back is claimed again.
 */
export const claimTurns = async (db: Db, input: ClaimInput): Promise<readonly Turn[]> => {
  const { dueUntil, limit, realNow, leaseMs, except } = input
  const { rows } = await sql<TurnRow>`
    with due as materialized (
      select tenant_id, id from answer_turn
      where state = 'pending' and due_at <= ${toDate(dueUntil)}
        and (leased_until is null or leased_until <= ${toDate(realNow)})
        and tenant_id <> all(${[...except]}::bigint[])
      order by due_at limit ${limit} for update skip locked
    )
    update answer_turn t set leased_until = ${toDate(realNow + leaseMs)}, attempts = least(t.attempts + 1, 32000)
    from due where t.tenant_id = due.tenant_id and t.id = due.id
    returning t.tenant_id, t.id, t.conversation_id, t.account_id, t.contact_id, t.kind, t.follow_up_number, t.revision,
      t.attempts, t.asked_at, t.opened_at, (select set_config('synchronous_commit', 'off', true))`.execute(db)
  return rows.map(toTurn)
}

/** When the next turn that nobody works on is due, in the domain's time; null when none waits. */
export const findNextTurnAt = async (db: Db, realNow: number): Promise<number | null> => {
  const { rows } = await sql<{ due_at: Date }>`
    select due_at from answer_turn
    where state = 'pending' and (leased_until is null or leased_until <= ${toDate(realNow)})
    order by due_at limit 1`.execute(db)
  return rows[0]?.due_at.getTime() ?? null
}

const keysOf = (turns: readonly Turn[]) => [turns.map((t) => t.tenantId), turns.map((t) => t.id)] as const

/** Goes on working on these turns. */
export const renewTurns = async (db: Db, turns: readonly Turn[], leasedUntil: number): Promise<void> => {
  if (turns.length === 0) return
  const [tenantIds, ids] = keysOf(turns)
  await sql`
    update answer_turn t set leased_until = ${toDate(leasedUntil)}
    from unnest(${tenantIds}::bigint[], ${ids}::bigint[], ${turns.map((t) => t.revision)}::int[],
      ${turns.map((t) => t.attempts)}::int[]) as u (tenant_id, id, revision, attempts)
    where t.tenant_id = u.tenant_id and t.id = u.id and t.revision = u.revision and t.attempts = u.attempts
      and t.state = 'pending' and t.leased_until is not null`.execute(db)
}

/** Which of these turns are still the work that was claimed, locked. The caller holds their conversations. */
export const lockTurns = async (tx: TenantTx, turns: readonly Turn[]): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ id: number }>`
    select t.id from answer_turn t
    join unnest(${turns.map((t) => t.id)}::bigint[], ${turns.map((t) => t.revision)}::int[],
      ${turns.map((t) => t.attempts)}::int[]) as u (id, revision, attempts)
      on t.id = u.id and t.revision = u.revision and t.attempts = u.attempts
    where t.tenant_id = ${tx.tenantId} and t.state = 'pending'
    order by t.id for update of t`.execute(tx)
  return new Set(rows.map((row) => row.id))
}

/** What becomes of a turn. `dueAt` of one that is tried again. */
export interface TurnEnd {
  readonly id: number
  readonly state: 'pending' | 'consent' | 'done'
  readonly outcome: TurnOutcome | null
  readonly answerHash: number | null
  /** How sure the model was of what was sent, 0–1. */
  readonly confidenceRatio: number | null
  readonly dueAt: number | null
}

/** Writes the ends of turns that the caller has locked, in one statement. */
export const saveTurnEnds = async (tx: TenantTx, ends: readonly TurnEnd[], at: number): Promise<void> => {
  if (ends.length === 0) return
  await sql`${ahead}
    update answer_turn t set state = u.state, outcome = u.outcome, answer_hash = u.answer_hash, leased_until = null,
      confidence_ratio = u.confidence_ratio,
      finished_at = case when u.state = 'done' then ${toDate(at)}::timestamptz end,
      consent_asked_at = case when u.state = 'consent' then ${toDate(at)}::timestamptz else t.consent_asked_at end,
      due_at = coalesce(u.due_at, t.due_at)
    from unnest(${ends.map((e) => e.id)}::bigint[], ${ends.map((e) => e.state)}::text[], ${ends.map((e) => e.outcome)}::text[],
      ${ends.map((e) => e.answerHash)}::bigint[], ${ends.map((e) => (e.dueAt === null ? null : toDate(e.dueAt)))}::timestamptz[],
      ${ends.map((e) => e.confidenceRatio)}::float8[]) as u (id, state, outcome, answer_hash, due_at, confidence_ratio)
    where t.tenant_id = ${tx.tenantId} and t.id = u.id`.execute(tx)
}

export interface FollowUpTurn {
  readonly turn: Turn
  readonly number: number
  readonly dueAt: number
}

/** Owes reminders later on, should the contact stay silent. */
export const insertFollowUps = async (tx: TenantTx, followUps: readonly FollowUpTurn[]): Promise<void> => {
  if (followUps.length === 0) return
  await sql`
    insert into answer_turn (tenant_id, conversation_id, account_id, contact_id, kind, follow_up_number, opened_at, asked_at,
      due_at)
    select ${tx.tenantId}, u.conversation_id, u.account_id, u.contact_id, 'follow_up', u.number, u.asked_at, u.asked_at,
      u.due_at
    from unnest(${followUps.map((f) => f.turn.conversationId)}::bigint[], ${followUps.map((f) => f.turn.accountId)}::bigint[],
      ${followUps.map((f) => f.turn.contactId)}::bigint[], ${followUps.map((f) => f.number)}::smallint[],
      ${followUps.map((f) => toDate(f.turn.askedAt))}::timestamptz[], ${followUps.map((f) => toDate(f.dueAt))}::timestamptz[]
    ) as u (conversation_id, account_id, contact_id, number, asked_at, due_at)
    on conflict do nothing`.execute(tx)
}

import { sql } from 'kysely'

import type { GroupActKind, GroupActState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { endJoinRequest } from './join-request.store.ts'
import { RIGHT_OF_ACT } from './moderation.rules.ts'

/** What is to be done in a chat. */
export interface NewAct {
  /** Row id of the chat. */
  readonly chatId: number
  /** The account that does it, unless another one of the tenant's has the right that this one lacks. */
  readonly accountId: number
  readonly contactId: number | null
  readonly kind: GroupActKind
  /** Each thing is wanted once. */
  readonly dedupeKey: string
  readonly pattern?: string
  readonly messageIds?: readonly number[]
  readonly untilAt?: number | null
  readonly requestId?: number
  readonly by: string
  readonly at: number
}

/**
 * Wants acts, each once. An act for which no account of the tenant has the right is written down as failed at once: what
 * was not done is seen as well as what was.
 */
export const wantActs = async (tx: TenantTx, acts: readonly NewAct[]): Promise<void> => {
  let isWork = false
  for (const act of acts) {
    const right = RIGHT_OF_ACT[act.kind]
    const actor = right === null ? act.accountId : await findActor(tx, act.chatId, act.accountId, right)
    const { rows } = await sql<{ id: number }>`
      insert into group_act (tenant_id, chat_id, account_id, contact_id, kind, dedupe_key, pattern, message_ids, until_at,
        request_id, state, reason, wanted_by, wanted_at, next_at, finished_at)
      values (${tx.tenantId}, ${act.chatId}, ${actor ?? act.accountId}, ${act.contactId}, ${act.kind}, ${act.dedupeKey},
        ${act.pattern ?? null}, ${act.messageIds ?? []}::bigint[], ${act.untilAt == null ? null : toDate(act.untilAt)},
        ${act.requestId ?? null}, ${actor === null ? 'failed' : 'wanted'}, ${actor === null ? 'no_admin_right' : null},
        ${act.by}, ${toDate(act.at)}, ${toDate(act.at)}, ${actor === null ? toDate(act.at) : null})
      on conflict (tenant_id, dedupe_key) do nothing returning id`.execute(tx)
    if (rows.length > 0 && actor !== null) isWork = true
    if (actor === null && act.requestId !== undefined) await endJoinRequest(tx, act.requestId, 'failed')
  }
  const [first] = acts
  if (isWork && first) await emitEvents(tx, first.at, [{ type: 'group.acts_wanted', payload: {} }])
}

/** An administrator of the chat with this right: the wished one where it has it. Null when none of the tenant's has. */
const findActor = async (tx: TenantTx, chatId: number, wished: number, right: string): Promise<number | null> => {
  const { rows } = await sql<{ account_id: number }>`
    select k.account_id from chat_account k join account a on a.tenant_id = k.tenant_id and a.id = k.account_id
    where k.tenant_id = ${tx.tenantId} and k.chat_id = ${chatId} and k.status = 'administrator' and a.kind = 'bot'
      and a.state = 'active' and (k.rights ->> ${right})::boolean
    order by k.account_id <> ${wished}, k.account_id limit 1`.execute(tx)
  return rows[0]?.account_id ?? null
}

/** An act that somebody is about to do. */
export interface TakenAct {
  readonly id: number
  readonly kind: GroupActKind
  readonly accountId: number
  readonly chatId: number
  readonly chatTelegramId: number
  readonly contactId: number | null
  /** Null for nobody, and for somebody who was erased. */
  readonly userTelegramId: number | null
  readonly messageIds: readonly number[]
  readonly untilAt: number | null
  readonly requestId: number | null
  readonly attempt: number
}

/** Takes up to `limit` due acts, puts each off by `holdMs` and counts the attempt; those another worker holds are left. */
export const takeDueActs = async (
  tx: TenantTx,
  { now, holdMs, limit }: { readonly now: number; readonly holdMs: number; readonly limit: number },
): Promise<readonly TakenAct[]> => {
  const { rows } = await sql<{
    id: number
    kind: GroupActKind
    account_id: number
    chat_id: number
    chat_telegram_id: number
    contact_id: number | null
    user_telegram_id: number | null
    message_ids: readonly number[]
    until_at: Date | null
    request_id: number | null
    attempt_count: number
  }>`
    with due as (
      select id from group_act
      where tenant_id = ${tx.tenantId} and state = 'wanted' and next_at <= ${toDate(now)}
      order by next_at, id limit ${limit} for no key update skip locked
    ), taken as (
      update group_act g set next_at = ${toDate(now + holdMs)}, attempt_count = g.attempt_count + 1
      from due where g.tenant_id = ${tx.tenantId} and g.id = due.id
      returning g.*
    )
    select t.id, t.kind, t.account_id, t.chat_id, coalesce(c.migrated_to_id, c.telegram_id) as chat_telegram_id,
      t.contact_id, p.telegram_id as user_telegram_id, t.message_ids::float8[] as message_ids, t.until_at, t.request_id,
      t.attempt_count
    from taken t join chat c on c.tenant_id = t.tenant_id and c.id = t.chat_id
    left join contact p on p.tenant_id = t.tenant_id and p.id = t.contact_id
    order by t.id`.execute(tx)
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    accountId: row.account_id,
    chatId: row.chat_id,
    chatTelegramId: row.chat_telegram_id,
    contactId: row.contact_id,
    userTelegramId: row.user_telegram_id,
    messageIds: row.message_ids,
    untilAt: row.until_at?.getTime() ?? null,
    requestId: row.request_id,
    attempt: row.attempt_count,
  }))
}

/** How an act ended; false when it had ended before. */
export const endAct = async (
  tx: TenantTx,
  id: number,
  end: { readonly state: Exclude<GroupActState, 'wanted'>; readonly reason: string | null; readonly at: number },
): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('group_act')
    .set({ state: end.state, reason: end.reason, finished_at: toDate(end.at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', '=', 'wanted')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The act comes back at `at`. */
export const putOffAct = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  await tx
    .updateTable('group_act')
    .set({ next_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', '=', 'wanted')
    .execute()
}

/** Tenants with acts that are due. */
export const listTenantsWithActs = async (tx: OperatorTx, now: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ tenant_id: number }>`
    select distinct tenant_id from group_act where state = 'wanted' and next_at <= ${toDate(now)}`.execute(tx)
  return rows.map((row) => row.tenant_id)
}

/** A line of the moderation log. Instants are epoch ms. */
export interface GroupAct {
  readonly id: number
  readonly chatId: number
  readonly chatTitle: string
  readonly accountId: number
  readonly contactId: number | null
  readonly kind: GroupActKind
  readonly pattern: string | null
  readonly messageIds: readonly number[]
  readonly untilAt: number | null
  readonly state: GroupActState
  readonly reason: string | null
  readonly wantedBy: string
  readonly wantedAt: number
  readonly finishedAt: number | null
  readonly settledBy: string | null
  readonly settledAt: number | null
}

export interface ActFilter {
  readonly chatId?: number
  readonly state?: GroupActState
  readonly kind?: GroupActKind
  /** Those with a smaller id; pages go from new to old. */
  readonly beforeId?: number
}

const acts = (tx: TenantTx) =>
  tx
    .selectFrom('group_act as g')
    .innerJoin('chat as c', (join) => join.onRef('c.tenant_id', '=', 'g.tenant_id').onRef('c.id', '=', 'g.chat_id'))
    .selectAll('g')
    .select('c.title')
    .select(sql<readonly number[]>`g.message_ids::float8[]`.as('messages'))
    .where('g.tenant_id', '=', tx.tenantId)

type ActRow = Awaited<ReturnType<ReturnType<typeof acts>['execute']>>[number]

const toAct = (row: ActRow): GroupAct => ({
  id: row.id,
  chatId: row.chat_id,
  chatTitle: row.title,
  accountId: row.account_id,
  contactId: row.contact_id,
  kind: row.kind as GroupActKind,
  pattern: row.pattern,
  messageIds: row.messages,
  untilAt: row.until_at?.getTime() ?? null,
  state: row.state as GroupActState,
  reason: row.reason,
  wantedBy: row.wanted_by,
  wantedAt: row.wanted_at.getTime(),
  finishedAt: row.finished_at?.getTime() ?? null,
  settledBy: row.settled_by,
  settledAt: row.settled_at?.getTime() ?? null,
})

/** Lines of the log from new to old. */
export const selectActs = async (tx: TenantTx, filter: ActFilter, limit: number): Promise<readonly GroupAct[]> => {
  let query = acts(tx).orderBy('g.id', 'desc').limit(limit)
  if (filter.chatId !== undefined) query = query.where('g.chat_id', '=', filter.chatId)
  if (filter.state !== undefined) query = query.where('g.state', '=', filter.state)
  if (filter.kind !== undefined) query = query.where('g.kind', '=', filter.kind)
  if (filter.beforeId !== undefined) query = query.where('g.id', '<', filter.beforeId)
  return (await query.execute()).map(toAct)
}

/** One line, locked until the transaction ends. */
export const lockAct = async (tx: TenantTx, id: number): Promise<GroupAct | null> => {
  const row = await acts(tx).where('g.id', '=', id).forNoKeyUpdate('g').executeTakeFirst()
  return row ? toAct(row) : null
}

/** Writes down who took an act back, or decided about it. */
export const settleAct = async (tx: TenantTx, id: number, by: string, at: number): Promise<void> => {
  await tx
    .updateTable('group_act')
    .set({ settled_by: by, settled_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

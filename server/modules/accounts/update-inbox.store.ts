import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type IncomingUpdate, UPDATE_CHANNEL } from './update-arrival.store.ts'

/** An update waiting to be applied. */
export interface InboxUpdate extends IncomingUpdate {
  readonly accountId: number
  readonly attempts: number
  readonly receivedAt: number
}

/** An inbox that is looked into, and how far. */
export interface InboxLook {
  readonly accountId: number
  readonly limit: number
}

/** The oldest waiting updates of these accounts, one list for each and in order of their numbers, in one statement. */
export const readWaiting = async (
  db: Db,
  looks: readonly InboxLook[],
): Promise<readonly (readonly InboxUpdate[])[]> => {
  const { rows } = await sql<{
    account_id: number
    update_id: number
    queue_key: string
    kind: string
    payload: unknown
    attempts: number
    received_at: Date
  }>`
    select l.account_id, u.update_id, u.queue_key, u.kind, u.payload, u.attempts, u.received_at
    from unnest(${looks.map(({ accountId }) => accountId)}::bigint[], ${looks.map(({ limit }) => limit)}::int[])
      as l (account_id, up_to)
    cross join lateral (
      select i.update_id, i.queue_key, i.kind, i.payload, i.attempts, i.received_at from update_inbox i
      where i.account_id = l.account_id and i.state = 'new' order by i.update_id limit l.up_to) u`.execute(db)
  const byAccount = Map.groupBy(rows, (row) => row.account_id)
  return looks.map(({ accountId }) =>
    (byAccount.get(accountId) ?? [])
      .map((row) => ({
        accountId,
        updateId: row.update_id,
        queueKey: row.queue_key,
        kind: row.kind,
        payload: row.payload,
        attempts: row.attempts,
        receivedAt: row.received_at.getTime(),
      }))
      .sort((one, other) => one.updateId - other.updateId),
  )
}

/** Which of these accounts have updates waiting, in one statement for any number of them. */
export const listAccountsWithUpdates = async (db: Db, accountIds: readonly number[]): Promise<readonly number[]> => {
  if (accountIds.length === 0) return []
  const { rows } = await sql<{ id: number }>`
    select a.id from unnest(${accountIds}::bigint[]) as a (id)
    where exists (select from update_inbox u where u.account_id = a.id and u.state = 'new')`.execute(db)
  return rows.map((row) => row.id)
}

export interface UpdateEnd {
  readonly accountId: number
  readonly updateId: number
  readonly state: 'done' | 'ignored'
  readonly note: string | null
}

/** Marks updates as applied or ignored, in the transaction that applied them, whichever accounts they came to. */
export const finishUpdates = async (tx: TenantTx, ends: readonly UpdateEnd[], at: number): Promise<void> => {
  if (ends.length === 0) return
  const accountIds = ends.map(({ accountId }) => accountId)
  const updateIds = ends.map(({ updateId }) => updateId)
  // The lists beside the join are what the planner looks up by: the join alone makes it read the whole inbox.
  await sql`${ahead}
    update update_inbox u
    set state = e.state, error = e.note, finished_at = ${toDate(at)}, attempts = u.attempts + 1
    from unnest(${accountIds}::bigint[], ${updateIds}::bigint[], ${ends.map(({ state }) => state)}::text[],
      ${ends.map(({ note }) => note)}::text[]) as e (account_id, update_id, state, note)
    where u.tenant_id = ${tx.tenantId} and u.account_id = e.account_id and u.update_id = e.update_id
      and u.account_id = any(${[...new Set(accountIds)]}::bigint[]) and u.update_id = any(${updateIds}::bigint[])`.execute(
    tx,
  )
}

/** Counts a failed try; the last one parks the update, so that those behind it can go on. */
export const failUpdate = async (
  tx: TenantTx,
  accountId: number,
  updateId: number,
  failure: { readonly error: string; readonly park: boolean },
  at: number,
): Promise<void> => {
  await tx
    .updateTable('update_inbox')
    .set((e) => ({
      attempts: e('attempts', '+', 1),
      error: failure.error,
      ...(failure.park && { state: 'parked', finished_at: toDate(at) }),
    }))
    .where('tenant_id', '=', tx.tenantId)
    .where('account_id', '=', accountId)
    .where('update_id', '=', updateId)
    .execute()
}

/** Takes a secret out of a stored message: what it said is replaced, that it was said stays. */
export const scrubUpdate = async (tx: OperatorTx, accountId: number, updateId: number): Promise<void> => {
  await sql`update update_inbox set payload = payload
      #- '{message,text}' #- '{message,caption}' #- '{message,entities}' #- '{message,reply_to_message}' #- '{message,quote}'
    where account_id = ${accountId} and update_id = ${updateId} and payload ? 'message'`.execute(tx)
}

export interface ParkedUpdate {
  readonly accountId: number
  readonly updateId: number
  readonly kind: string
  readonly attempts: number
  readonly error: string
  readonly receivedAt: number
}

/** Updates that could not be applied, newest first; their contents stay in the database. */
export const listParkedUpdates = async (tx: TenantTx | OperatorTx, limit: number): Promise<readonly ParkedUpdate[]> => {
  const rows = await (tx as OperatorTx)
    .selectFrom('update_inbox')
    .select(['account_id', 'update_id', 'kind', 'attempts', 'error', 'received_at'])
    .where('state', '=', 'parked')
    .orderBy('received_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    accountId: row.account_id,
    updateId: row.update_id,
    kind: row.kind,
    attempts: row.attempts,
    error: row.error ?? '',
    receivedAt: row.received_at.getTime(),
  }))
}

/** Gives parked updates (all of the tenant's, or one account's, or one) to the worker again. Returns how many. */
export const replayParkedUpdates = async (
  tx: TenantTx,
  which: { readonly accountId?: number; readonly updateId?: number } = {},
): Promise<number> => {
  let query = tx
    .updateTable('update_inbox')
    .set({ state: 'new', attempts: 0, finished_at: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('state', '=', 'parked')
  if (which.accountId !== undefined) query = query.where('account_id', '=', which.accountId)
  if (which.updateId !== undefined) query = query.where('update_id', '=', which.updateId)
  const rows = await query.returning('account_id').execute()
  for (const accountId of new Set(rows.map((row) => row.account_id))) {
    await sql`select pg_notify(${UPDATE_CHANNEL}, ${String(accountId)})`.execute(tx)
  }
  return rows.length
}

/** Queues of what a person says to an account in private: words, presses, blocking. */
const PRIVATE_QUEUES = ['chat', 'callback', 'own_member', 'business'] as const

/** Which of these people (Telegram ids) have said something to any of the tenant's accounts that is not applied yet. */
export const findUnreadPeople = async (tx: TenantTx, telegramIds: readonly number[]): Promise<ReadonlySet<number>> => {
  const keys = telegramIds.flatMap((id) => PRIVATE_QUEUES.map((queue) => `${queue}:${id}`))
  const { rows } = await sql<{ person: number }>`
    select distinct split_part(queue_key, ':', 2)::bigint as person from update_inbox
    where tenant_id = ${tx.tenantId} and state = 'new' and queue_key = any(${keys}::text[])`.execute(tx)
  return new Set(rows.map((row) => row.person))
}

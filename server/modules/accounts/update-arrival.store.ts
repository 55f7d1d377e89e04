import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { GatheredCalls } from '#server/base/gathered-calls.ts'
import type { Db } from '#server/db/pool.ts'

export const UPDATE_CHANNEL = 'gavatcore_update'

/** An update on its way into the inbox. */
export interface IncomingUpdate {
  readonly updateId: number
  /** Updates of one queue are applied in order; queues do not wait for one another. */
  readonly queueKey: string
  readonly kind: string
  readonly payload: unknown
}

interface ToStore {
  readonly account: { readonly tenantId: number; readonly accountId: number }
  readonly updates: readonly IncomingUpdate[]
  readonly at: number
  /** Where polling goes on after these; null where nobody polls. */
  readonly nextUpdateId: number | null
}

/** How many were new, or why none could be stored. */
type Stored = { readonly count: number } | { readonly error: unknown }

const ACCOUNTS_AT_ONCE = 200
/** For each pool: what comes in for any account while the disk is waited for is stored together, next. */
const stores = new WeakMap<Db, GatheredCalls<null, ToStore, Stored>>()

const storeOf = (db: Db): GatheredCalls<null, ToStore, Stored> => {
  const known = stores.get(db)
  if (known) return known
  const store = new GatheredCalls<null, ToStore, Stored>((_, given) => storeTogether(db, given), ACCOUNTS_AT_ONCE)
  stores.set(db, store)
  return store
}

/**
 * Stores updates of one account and wakes its worker; those stored before are dropped. Returns how many were new.
 * With `nextUpdateId`, also remembers where polling goes on, in the same statement.
 */
export const storeUpdates = async (
  db: Db,
  account: ToStore['account'],
  updates: readonly IncomingUpdate[],
  at: number,
  nextUpdateId: number | null = null,
): Promise<number> => {
  if (updates.length === 0 && nextUpdateId === null) return 0
  const stored = await storeOf(db).call(null, { account, updates, at, nextUpdateId })
  if ('error' in stored) throw stored.error
  return stored.count
}

/** What one account sent that cannot be stored must not keep the others' out: where all fail, each is tried alone. */
const storeTogether = async (db: Db, given: readonly ToStore[]): Promise<readonly Stored[]> => {
  try {
    const counts = await insertUpdates(db, given)
    const woken = given.filter((_, i) => counts[i] !== 0).map(({ account }) => account.accountId)
    if (woken.length > 0) await wakeInboxes(db, woken)
    return counts.map((count) => ({ count }))
  } catch (error) {
    if (given.length === 1) return [{ error }]
    const alone: Stored[] = []
    for (const one of given) alone.push(...(await storeTogether(db, [one])))
    return alone
  }
}

/**
 * After the commit, not in it: PostgreSQL lets transactions that notify commit one after another, each waiting for the
 * disk alone. This one, which writes nothing else, does not even wait: a notice that is lost is made up for by looking.
 */
const wakeInboxes = async (db: Db, accountIds: readonly number[]): Promise<void> => {
  await sql`select set_config('synchronous_commit', 'off', true), pg_notify(${UPDATE_CHANNEL}, id::text)
    from (select distinct unnest(${accountIds}::bigint[]) as id) woken`.execute(db)
}

/** How many of each were new. */
const insertUpdates = async (db: Db, given: readonly ToStore[]): Promise<readonly number[]> => {
  const all = given.flatMap((one, place) => one.updates.map((update) => ({ ...update, ...one, place })))
  const positions = given.filter(({ nextUpdateId }) => nextUpdateId !== null)
  const { rows } = await sql<{ place: number; count: number }>`
    with given as materialized (
      select * from unnest(
        ${all.map((u) => u.place)}::int[], ${all.map((u) => u.account.tenantId)}::bigint[],
        ${all.map((u) => u.account.accountId)}::bigint[], ${all.map((u) => u.updateId)}::bigint[],
        ${all.map((u) => u.queueKey)}::text[], ${all.map((u) => u.kind)}::text[],
        ${all.map((u) => toJson(u.payload))}::text[], ${all.map((u) => toDate(u.at))}::timestamptz[]
      ) as u (place, tenant_id, account_id, update_id, queue_key, kind, payload, at)
    ), stored as (
      insert into update_inbox (tenant_id, account_id, update_id, queue_key, kind, payload, received_at)
      select tenant_id, account_id, update_id, queue_key, kind, payload::jsonb, at from given
      order by account_id, update_id, place
      on conflict (account_id, update_id) do nothing
      returning account_id, update_id
    ), remembered as (
      insert into poll_position (account_id, next_update_id)
      select account_id, max(next_update_id) from unnest(
        ${positions.map(({ account }) => account.accountId)}::bigint[],
        ${positions.map(({ nextUpdateId }) => nextUpdateId)}::bigint[]) as p (account_id, next_update_id)
      group by account_id order by account_id
      on conflict (account_id) do update set next_update_id = excluded.next_update_id
    )
    select first.place, count(*)::int as count from stored
    join (select account_id, update_id, min(place) as place from given group by account_id, update_id) first
      using (account_id, update_id)
    group by first.place`.execute(db)
  const counts = new Map(rows.map(({ place, count }) => [place, count]))
  return given.map((_, place) => counts.get(place) ?? 0)
}

/** An update that Telegram does not number: `key` names it within the account. */
export interface KeyedUpdate extends Omit<IncomingUpdate, 'updateId' | 'payload'> {
  readonly key: string
  readonly body: unknown
}

/**
 * {@link storeUpdates} for updates without numbers: each gets the account's next one, and one whose key is there
 * already is dropped. Locks the account's position, so that numbers rise in the order of arrival.
 */
export const storeKeyedUpdates = (
  db: Db,
  account: { readonly tenantId: number; readonly accountId: number },
  updates: readonly KeyedUpdate[],
  at: number,
): Promise<number> =>
  db.transaction().execute(async (tx) => {
    if (updates.length === 0) return 0
    const { rows } = await sql<{ next_update_id: number }>`
      insert into poll_position as p (account_id, next_update_id) values (${account.accountId}, 0)
      on conflict (account_id) do update set next_update_id = p.next_update_id returning next_update_id`.execute(tx)
    const first = rows[0]?.next_update_id ?? 0
    const { numAffectedRows } = await sql`
      insert into update_inbox (tenant_id, account_id, update_id, queue_key, kind, payload, received_at, source_key)
      select ${account.tenantId}, ${account.accountId}, ${first} + u.place, u.queue_key, u.kind,
        jsonb_build_object('update_id', ${first} + u.place, u.kind, u.body::jsonb), ${toDate(at)}, u.key
      from unnest(
        ${updates.map((u) => u.queueKey)}::text[], ${updates.map((u) => u.kind)}::text[],
        ${updates.map((u) => toJson(u.body))}::text[], ${updates.map((u) => u.key)}::text[]
      ) with ordinality as u (queue_key, kind, body, key, place)
      on conflict (account_id, source_key) where source_key is not null do nothing`.execute(tx)
    await tx
      .updateTable('poll_position')
      .set({ next_update_id: first + updates.length })
      .where('account_id', '=', account.accountId)
      .execute()
    const stored = Number(numAffectedRows ?? 0n)
    if (stored > 0) await sql`select pg_notify(${UPDATE_CHANNEL}, ${String(account.accountId)})`.execute(tx)
    return stored
  })

/** What JSON writes for a NUL and for half of a surrogate pair; a backslash that somebody typed looks the same, rarely. */
const UNFIT = /\\u(0000|d[89a-f])/i

/** JSON that jsonb can hold: it knows no NUL and no half of a surrogate pair. */
const toJson = (payload: unknown): string => {
  const json = JSON.stringify(payload)
  if (!UNFIT.test(json)) return json
  return JSON.stringify(payload, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\u0000', '').toWellFormed() : value,
  )
}

/** Where polling of an account goes on. */
export const findNextUpdateId = async (db: Db, accountId: number): Promise<number> => {
  const row = await db
    .selectFrom('poll_position')
    .select('next_update_id')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return row?.next_update_id ?? 0
}

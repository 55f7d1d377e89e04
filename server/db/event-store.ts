import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { DomainEventType, StoredEvent } from '#server/base/events.ts'

import type { Db } from './pool.ts'

/** How far a listener has read: a transaction and an event in it. */
export interface EventPosition {
  readonly xid: string
  readonly eventId: number
}

interface EventRow {
  readonly id: number
  readonly xid: string
  readonly tenant_id: number
  readonly type: string
  readonly payload: unknown
  readonly at: Date
}

export interface EventBatch {
  /** The listener's position before the batch. */
  readonly from: EventPosition
  /** Events of the wanted types. */
  readonly events: readonly StoredEvent[]
  /** Position after the batch; null when nothing was read. */
  readonly end: EventPosition | null
  /** Whether the batch was full, so that more may wait. */
  readonly full: boolean
  /** Whether events put aside wait to be tried again by now. */
  readonly hasRetries: boolean
}

const toEvent = (row: Omit<EventRow, 'xid'>): StoredEvent =>
  ({ id: row.id, tenantId: row.tenant_id, at: row.at.getTime(), type: row.type, payload: row.payload }) as StoredEvent

/** What a look finds: the position in every row, and an event in each where there are any. */
type LookRow = {
  readonly from_xid: string
  readonly from_id: number
  readonly has_retries: boolean
  /** How many events the batch has, wanted or not; null where it has none. */
  readonly total: number | null
} & (EventRow | { readonly [K in keyof EventRow]: null })

/**
 * The next events after the listener's position, oldest transaction first, in one statement that gives those of the
 * wanted types and where the batch ends: most looks find nothing, or nothing of theirs. A
 * listener seen for the first time starts at the oldest event kept. Only transactions older than every running one are
 * read: a transaction that began earlier and commits later can therefore not be passed over.
 */
export const readEvents = async (
  db: Db,
  listener: string,
  types: readonly DomainEventType[],
  { limit, now }: { readonly limit: number; readonly now: number },
): Promise<EventBatch> => {
  const look = async () => {
    const { rows } = await sql<LookRow>`
      select c.xid::text as from_xid, c.event_id as from_id,
        exists (select from event_retry r
          where r.listener = c.listener and r.parked_at is null and r.next_at <= ${toDate(now)}) as has_retries,
        e.id, e.xid::text, e.tenant_id, e.type, e.at, e.total, case when e.type = any(${types}) then e.payload end as payload
      from event_cursor c left join lateral (
        select * from (
          select b.*, count(*) over () as total, row_number() over (order by b.xid, b.id) as place from (
            select * from domain_event d
            where (d.xid, d.id) > (c.xid, c.event_id) and d.xid < pg_snapshot_xmin(pg_current_snapshot())
            order by d.xid, d.id limit ${limit}
          ) b
        ) counted
        where counted.type = any(${types}) or counted.place = counted.total
      ) e on true
      where c.listener = ${listener}
      order by e.xid, e.id`.execute(db)
    return rows
  }
  let rows = await look()
  if (rows.length === 0) {
    await sql`insert into event_cursor (listener) values (${listener}) on conflict do nothing`.execute(db)
    rows = await look()
  }
  const [first] = rows
  if (!first) throw new Error(`the cursor of ${listener} vanished`)
  const read = rows.filter((row) => row.id !== null)
  const last = read.at(-1)
  const wanted = new Set<string>(types)
  return {
    from: { xid: first.from_xid, eventId: first.from_id },
    events: read.filter((row) => wanted.has(row.type)).map(toEvent),
    end: last ? { xid: last.xid, eventId: last.id } : null,
    full: last?.total === limit,
    hasRetries: first.has_retries,
  }
}

/** Which of these listeners have an event to read or to try again at `now`, or were never seen. */
export const findBehind = async (db: Db, listeners: readonly string[], now: number): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ name: string }>`
    select l.name from unnest(${listeners}::text[]) as l (name)
    left join event_cursor c on c.listener = l.name
    where c.listener is null
      or exists (select from domain_event e
        where (e.xid, e.id) > (c.xid, c.event_id) and e.xid < pg_snapshot_xmin(pg_current_snapshot()))
      or exists (select from event_retry r
        where r.listener = l.name and r.parked_at is null and r.next_at <= ${toDate(now)})`.execute(db)
  return new Set(rows.map((row) => row.name))
}

/** Events refused by the listener, with what it said. */
export interface Refusal {
  readonly eventId: number
  readonly error: string
}

/**
 * Moves the cursor from `from` to `to` and puts the refused events aside, in one statement. False, with nothing
 * written, when another process moved the cursor meanwhile. It does not wait for the disk: what a crash of the database
 * takes back is read again, as after any crash before it.
 */
export const advance = async (
  db: Db,
  listener: string,
  from: EventPosition,
  to: EventPosition,
  refusals: readonly Refusal[],
  nextAt: number,
): Promise<boolean> => {
  const { rows } = await sql<{ moved: boolean }>`
    with moved as (
      update event_cursor set xid = ${to.xid}::xid8, event_id = ${to.eventId}
      where listener = ${listener} and xid = ${from.xid}::xid8 and event_id = ${from.eventId}
      returning listener
    ), refused as (
      insert into event_retry (listener, event_id, attempts, next_at, error)
      select moved.listener, u.event_id, 1, ${toDate(nextAt)}, u.error
      from moved, unnest(${refusals.map((refusal) => refusal.eventId)}::bigint[],
        ${refusals.map((refusal) => refusal.error)}::text[]) as u (event_id, error)
      on conflict (listener, event_id) do nothing
    )
    select set_config('synchronous_commit', 'off', true), exists (select from moved) as moved`.execute(db)
  return rows[0]?.moved ?? false
}

export interface DueRetry {
  readonly event: StoredEvent
  readonly attempts: number
}

/** Events put aside whose time has come, oldest first. */
export const findDueRetries = async (
  db: Db,
  listener: string,
  now: number,
  limit: number,
): Promise<readonly DueRetry[]> => {
  const { rows } = await sql<EventRow & { attempts: number }>`
    select e.id, e.tenant_id, e.type, e.payload, e.at, r.attempts
    from event_retry r join domain_event e on e.id = r.event_id
    where r.listener = ${listener} and r.parked_at is null and r.next_at <= ${toDate(now)}
    order by r.next_at, r.event_id limit ${limit}`.execute(db)
  return rows.map((row) => ({ event: toEvent(row), attempts: row.attempts }))
}

export const finishRetry = async (db: Db, listener: string, eventId: number): Promise<void> =>
  void (await db.deleteFrom('event_retry').where('listener', '=', listener).where('event_id', '=', eventId).execute())

/** Waits until `nextAt`, or parks the event for a person when `nextAt` is null. */
export const postponeRetry = async (
  db: Db,
  listener: string,
  refusal: Refusal & { readonly attempts: number },
  now: number,
  nextAt: number | null,
): Promise<void> => {
  await db
    .updateTable('event_retry')
    .set({
      attempts: refusal.attempts,
      error: refusal.error,
      next_at: toDate(nextAt ?? now),
      parked_at: nextAt === null ? toDate(now) : null,
    })
    .where('listener', '=', listener)
    .where('event_id', '=', refusal.eventId)
    .execute()
}

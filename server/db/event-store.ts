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
  /** Events of the wanted types. */
  readonly events: readonly StoredEvent[]
  /** Position after the batch; the old one when nothing was read. */
  readonly end: EventPosition
  /** Whether the batch was full, so that more may wait. */
  readonly full: boolean
}

const toEvent = (row: Omit<EventRow, 'xid'>): StoredEvent =>
  ({ id: row.id, tenantId: row.tenant_id, at: row.at.getTime(), type: row.type, payload: row.payload }) as StoredEvent

/** The listener's position; a listener seen for the first time starts at the oldest event kept. */
export const findPosition = async (db: Db, listener: string): Promise<EventPosition> => {
  const known = await selectPosition(db, listener)
  if (known) return known
  await sql`insert into event_cursor (listener) values (${listener}) on conflict do nothing`.execute(db)
  const made = await selectPosition(db, listener)
  if (!made) throw new Error(`the cursor of ${listener} vanished`)
  return made
}

const selectPosition = async (db: Db, listener: string): Promise<EventPosition | null> => {
  const { rows } = await sql<{ xid: string; event_id: number }>`
    select xid::text, event_id from event_cursor where listener = ${listener}`.execute(db)
  return rows[0] ? { xid: rows[0].xid, eventId: rows[0].event_id } : null
}

/**
 * The next events after `after`, oldest transaction first. Only transactions older than every running one are read:
 * a transaction that began earlier and commits later can therefore not be passed over.
 */
export const readEvents = async (
  db: Db,
  after: EventPosition,
  types: readonly DomainEventType[],
  limit: number,
): Promise<EventBatch> => {
  const { rows } = await sql<EventRow>`
    select id, xid::text, tenant_id, type, at, case when type = any(${types}) then payload end as payload
    from domain_event
    where (xid, id) > (${after.xid}::xid8, ${after.eventId}::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
    order by domain_event.xid, id
    limit ${limit}`.execute(db)
  const wanted = new Set<string>(types)
  const last = rows.at(-1)
  return {
    events: rows.filter((row) => wanted.has(row.type)).map(toEvent),
    end: last ? { xid: last.xid, eventId: last.id } : after,
    full: rows.length === limit,
  }
}

/** Events refused by the listener, with what it said. */
export interface Refusal {
  readonly eventId: number
  readonly error: string
}

/**
 * Moves the cursor from `from` to `to` and puts the refused events aside, in one transaction. False, with nothing
 * written, when another process moved the cursor meanwhile.
 */
export const advance = (
  db: Db,
  listener: string,
  from: EventPosition,
  to: EventPosition,
  refusals: readonly Refusal[],
  nextAt: number,
): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { numAffectedRows } = await sql`
      update event_cursor set xid = ${to.xid}::xid8, event_id = ${to.eventId}
      where listener = ${listener} and xid = ${from.xid}::xid8 and event_id = ${from.eventId}`.execute(tx)
    if (numAffectedRows !== 1n) return false
    for (const refusal of refusals) {
      await sql`
        insert into event_retry (listener, event_id, attempts, next_at, error)
        values (${listener}, ${refusal.eventId}, 1, ${toDate(nextAt)}, ${refusal.error})
        on conflict (listener, event_id) do nothing`.execute(tx)
    }
    return true
  })

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

import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'

import type { Db } from './pool.ts'

export interface ParkedEvent {
  readonly listener: string
  readonly eventId: number
  readonly tenantId: number
  readonly type: string
  readonly attempts: number
  /** Epoch milliseconds. */
  readonly parkedAt: number
  readonly error: string
}

/** Events that a listener refused too often, newest first, at most `limit`. */
export const listParkedEvents = async (db: Db, limit: number): Promise<readonly ParkedEvent[]> => {
  const rows = await db
    .selectFrom('event_retry as r')
    .innerJoin('domain_event as e', 'e.id', 'r.event_id')
    .select(['r.listener', 'r.event_id', 'e.tenant_id', 'e.type', 'r.attempts', 'r.parked_at', 'r.error'])
    .where('r.parked_at', 'is not', null)
    .orderBy('r.parked_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    listener: row.listener,
    eventId: row.event_id,
    tenantId: row.tenant_id,
    type: row.type,
    attempts: row.attempts,
    parkedAt: row.parked_at?.getTime() ?? 0,
    error: row.error,
  }))
}

/** Gives parked events (all, or those of one listener, or one event) back to their listeners. Returns how many. */
export const replayParkedEvents = async (
  db: Db,
  at: number,
  which: { readonly listener?: string; readonly eventId?: number } = {},
): Promise<number> => {
  let query = db
    .updateTable('event_retry')
    .set({ parked_at: null, attempts: 0, next_at: toDate(at) })
    .where('parked_at', 'is not', null)
  if (which.listener !== undefined) query = query.where('listener', '=', which.listener)
  if (which.eventId !== undefined) query = query.where('event_id', '=', which.eventId)
  const { numUpdatedRows } = await query.executeTakeFirst()
  return Number(numUpdatedRows)
}

/**
 * Removes events older than `before` that every one of `listeners` has passed and none holds aside.
 * Returns how many; removes at most 10 000 a call so that it never locks for long.
 */
export const removeOldEvents = async (db: Db, before: number, listeners: readonly string[]): Promise<number> => {
  const { numAffectedRows } = await sql`
    delete from domain_event where id in (
      select e.id from domain_event e
      where e.at < ${toDate(before)}
        and not exists (select from event_retry r where r.event_id = e.id)
        and (select count(*) from event_cursor c
             where c.listener = any(${listeners}) and (c.xid, c.event_id) >= (e.xid, e.id)) = ${listeners.length}
      limit 10000)`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

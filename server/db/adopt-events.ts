import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'

import type { Db } from './pool.ts'

/**
 * Makes the event table usable on a server whose transaction counter is behind the stored numbers, as after a restore
 * into a fresh cluster: new events would sort before the old ones and be skipped. What a listener has not read yet is
 * handed to it as due retries, and every stored event is renumbered before all new ones. Returns whether that was needed.
 */
export const adoptForeignEvents = (db: Db, listeners: readonly string[], at: number): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ foreign: boolean }>`
      select exists (select from domain_event where xid >= pg_snapshot_xmax(pg_current_snapshot()))
          or exists (select from event_cursor where xid >= pg_snapshot_xmax(pg_current_snapshot())) as foreign`.execute(
      tx,
    )
    if (rows[0]?.foreign !== true) return false
    await sql`lock table domain_event, event_cursor in share row exclusive mode`.execute(tx)
    for (const listener of listeners) {
      await sql`insert into event_cursor (listener) values (${listener}) on conflict do nothing`.execute(tx)
      // Unread is what lies behind the cursor, and what was emitted here while the cursor still counts as elsewhere:
      // such an event has a low transaction number and an id above all the foreign ones.
      await sql`
        with here as (select pg_snapshot_xmax(pg_current_snapshot()) as xmax),
          newest as (select coalesce(max(e.id), 0) as foreign_id from domain_event e, here where e.xid >= here.xmax)
        insert into event_retry (listener, event_id, attempts, next_at, error)
        select ${listener}, e.id, 0, ${toDate(at)}, 'not read before the database moved'
        from domain_event e join event_cursor c on c.listener = ${listener}, here, newest
        where (e.xid, e.id) > (c.xid, c.event_id)
          or (c.xid >= here.xmax and e.xid < here.xmax and e.id > greatest(newest.foreign_id, c.event_id))
        on conflict do nothing`.execute(tx)
    }
    await sql`update domain_event set xid = '1'::xid8`.execute(tx)
    await sql`update event_cursor set xid = '1'::xid8, event_id = coalesce((select max(id) from domain_event), 0)`.execute(
      tx,
    )
    return true
  })

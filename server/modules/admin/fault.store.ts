import { type Selectable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { FaultAlertTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import type { Fault, FaultAlert, FaultResolution } from './fault.rules.ts'

const toAlert = (row: Selectable<FaultAlertTable>): FaultAlert => ({
  cause: row.cause,
  episode: row.episode,
  openedAt: row.opened_at.getTime(),
  lastSeenAt: row.last_seen_at.getTime(),
  toldAt: row.told_at.getTime(),
  closedAt: row.closed_at?.getTime() ?? null,
  params: row.params as FaultAlert['params'],
  firstSeenAt: row.first_seen_at.getTime(),
  seenCount: row.seen_count,
  resolution:
    row.resolved_at === null
      ? null
      : { at: row.resolved_at.getTime(), by: row.resolved_by ?? '', note: row.resolution_note ?? '' },
})

/** Held to the end of the transaction: of two that see the same cause, one tells. */
export const lockAlert = async (tx: OperatorTx, cause: string): Promise<FaultAlert | null> => {
  const row = await tx.selectFrom('fault_alert').selectAll().where('cause', '=', cause).forUpdate().executeTakeFirst()
  return row ? toAlert(row) : null
}

/** False when another process has made it meanwhile. */
export const insertAlert = async (tx: OperatorTx, fault: Fault, at: number): Promise<boolean> => {
  const seen = { first_seen_at: toDate(at), opened_at: toDate(at), last_seen_at: toDate(at), told_at: toDate(at) }
  const row = await tx
    .insertInto('fault_alert')
    .values({ cause: fault.cause, params: JSON.stringify(paramsOf(fault)), ...seen })
    .onConflict((c) => c.column('cause').doNothing())
    .returning('cause')
    .executeTakeFirst()
  if (row !== undefined) await countSighting(tx, fault.cause, at)
  return row !== undefined
}

/** One more look of this day in which the cause was seen. */
const countSighting = async (tx: OperatorTx, cause: string, at: number): Promise<void> => {
  await sql`
    insert into fault_day (cause, seen_on, seen_count) values (${cause}, (${toDate(at)}::timestamptz at time zone 'UTC')::date, 1)
    on conflict (cause, seen_on) do update set seen_count = fault_day.seen_count + 1`.execute(tx)
}

const paramsOf = (fault: Fault) => ({ ...fault.params, what: fault.what })

export const reopenAlert = async (tx: OperatorTx, fault: Fault, episode: number, at: number): Promise<void> => {
  const seen = { opened_at: toDate(at), last_seen_at: toDate(at), told_at: toDate(at) }
  await tx
    .updateTable('fault_alert')
    .set({
      ...seen,
      episode,
      closed_at: null,
      params: JSON.stringify(paramsOf(fault)),
      seen_count: sql`seen_count + 1`,
    })
    .where('cause', '=', fault.cause)
    .execute()
  await countSighting(tx, fault.cause, at)
}

export const noteAlertSeen = async (tx: OperatorTx, fault: Fault, at: number): Promise<void> => {
  await tx
    .updateTable('fault_alert')
    .set({
      last_seen_at: toDate(at),
      closed_at: null,
      params: JSON.stringify(paramsOf(fault)),
      seen_count: sql`seen_count + 1`,
    })
    .where('cause', '=', fault.cause)
    .execute()
  await countSighting(tx, fault.cause, at)
}

/** Closes open alerts that nobody has seen since an instant; returns them. */
export const closeUnseen = async (
  tx: OperatorTx,
  lastSeenBefore: number,
  at: number,
): Promise<readonly FaultAlert[]> => {
  const rows = await tx
    .updateTable('fault_alert')
    .set({ closed_at: toDate(at) })
    .where('closed_at', 'is', null)
    .where('last_seen_at', '<=', toDate(lastSeenBefore))
    .returningAll()
    .execute()
  return rows.map(toAlert)
}

/** What is open, oldest first. */
export const selectOpenAlerts = async (tx: OperatorTx): Promise<readonly FaultAlert[]> => {
  const rows = await tx
    .selectFrom('fault_alert')
    .selectAll()
    .where('closed_at', 'is', null)
    .orderBy('opened_at')
    .execute()
  return rows.map(toAlert)
}

/** Ends an alert, as of now where it is open, and keeps what was done about it. */
export const saveResolution = async (
  tx: OperatorTx,
  cause: string,
  { at, by, note }: FaultResolution,
): Promise<void> => {
  await tx
    .updateTable('fault_alert')
    .set({
      resolved_at: toDate(at),
      resolved_by: by,
      resolution_note: note,
      closed_at: sql`coalesce(closed_at, ${toDate(at)}::timestamptz)`,
    })
    .where('cause', '=', cause)
    .execute()
}

/** Alerts that were seen since an instant or are open, last seen first. */
export const selectAlerts = async (tx: OperatorTx, since: number): Promise<readonly FaultAlert[]> => {
  const rows = await tx
    .selectFrom('fault_alert')
    .selectAll()
    .where((e) => e.or([e('closed_at', 'is', null), e('last_seen_at', '>=', toDate(since))]))
    .orderBy('last_seen_at', 'desc')
    .execute()
  return rows.map(toAlert)
}

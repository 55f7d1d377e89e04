import { type Selectable } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { FaultAlertTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import type { Fault, FaultAlert } from './fault.rules.ts'

const toAlert = (row: Selectable<FaultAlertTable>): FaultAlert => ({
  cause: row.cause,
  episode: row.episode,
  openedAt: row.opened_at.getTime(),
  lastSeenAt: row.last_seen_at.getTime(),
  toldAt: row.told_at.getTime(),
  closedAt: row.closed_at?.getTime() ?? null,
  params: row.params as FaultAlert['params'],
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
  return row !== undefined
}

const paramsOf = (fault: Fault) => ({ ...fault.params, what: fault.what })

export const reopenAlert = async (tx: OperatorTx, fault: Fault, episode: number, at: number): Promise<void> => {
  const seen = { opened_at: toDate(at), last_seen_at: toDate(at), told_at: toDate(at) }
  await tx
    .updateTable('fault_alert')
    .set({ ...seen, episode, closed_at: null, params: JSON.stringify(paramsOf(fault)) })
    .where('cause', '=', fault.cause)
    .execute()
}

export const noteAlertSeen = async (tx: OperatorTx, fault: Fault, at: number): Promise<void> => {
  await tx
    .updateTable('fault_alert')
    .set({ last_seen_at: toDate(at), closed_at: null, params: JSON.stringify(paramsOf(fault)) })
    .where('cause', '=', fault.cause)
    .execute()
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

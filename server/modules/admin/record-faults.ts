import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { FAULT_OVER_MS, type Fault, type FaultAlert, decideSighting, shortFault } from './fault.rules.ts'
import { closeUnseen, insertAlert, lockAlert, noteAlertSeen, reopenAlert, selectOpenAlerts } from './fault.store.ts'
import { noticeOperators } from './record-notices.ts'

const tellOpened = async (tx: OperatorTx, fault: Fault, episode: number, at: number): Promise<void> => {
  const params = { ...fault.params, what: fault.what }
  await noticeOperators(tx, { kind: 'fault_opened', dedupeKey: `fault:${fault.cause}:${episode}`, params }, at)
}

/** Whether operators were told. */
const recordSighting = async (tx: OperatorTx, fault: Fault, at: number): Promise<boolean> => {
  const alert = await lockAlert(tx, fault.cause)
  const step = decideSighting(alert)
  if (step.kind === 'keep') {
    await noteAlertSeen(tx, fault, at)
    return false
  }
  if (alert === null && !(await insertAlert(tx, fault, at))) return false
  if (alert !== null) await reopenAlert(tx, fault, step.episode, at)
  await tellOpened(tx, fault, step.episode, at)
  return true
}

/**
 * Takes what one look found wrong: a new cause opens an alert and is told once, however often it is seen; one that was
 * not seen for ten minutes is closed, and told as over; one that comes back later is told again. Safe from several
 * processes at once. Returns how many alerts opened and closed.
 */
export const recordFaults = async (
  tx: OperatorTx,
  faults: readonly Fault[],
  at: number,
): Promise<{ readonly opened: number; readonly closed: number }> => {
  let opened = 0
  // In one order, so that two processes do not wait for each other.
  for (const fault of faults.toSorted((a, b) => (a.cause < b.cause ? -1 : 1))) {
    const short = Object.fromEntries(
      Object.entries(fault.params).map(([name, value]) => [
        name,
        typeof value === 'string' ? shortFault(value) : value,
      ]),
    )
    if (await recordSighting(tx, { ...fault, params: short }, at)) opened += 1
  }
  const over = await closeUnseen(tx, at - FAULT_OVER_MS, at)
  for (const alert of over) {
    const params = { ...alert.params, sinceAt: alert.openedAt }
    const dedupeKey = `fault_over:${alert.cause}:${alert.episode}:${alert.openedAt}`
    await noticeOperators(tx, { kind: 'fault_closed', dedupeKey, params }, at)
  }
  return { opened, closed: over.length }
}

/** What is wrong at the moment, as far as somebody was told. */
export const listOpenFaults = (tx: OperatorTx): Promise<readonly FaultAlert[]> => selectOpenAlerts(tx)

/** The database was away and is back: told once, with how long. `downSince` and `at` are epoch ms. */
export const noticeDatabaseBack = (tx: OperatorTx, downSince: number, at: number): Promise<number> =>
  noticeOperators(
    tx,
    {
      kind: 'fault_closed',
      dedupeKey: `database:${downSince}`,
      params: { what: 'database', sinceAt: downSince },
    },
    at,
  )

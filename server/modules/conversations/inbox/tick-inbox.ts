import { emitEvents } from '#server/db/emit-events.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'

import {
  type OverdueConversation,
  TICK_BATCH,
  claimOverdue,
  closeQuiet,
  settlePending,
  wakeSnoozed,
} from './tick.store.ts'

export interface InboxTick {
  readonly woken: number
  readonly closed: number
  readonly settled: number
  readonly overdue: number
}

/**
 * What time alone does to conversations, of all tenants in sets: snoozes end, silence closes, answers that never left
 * open again, and members are told of what is overdue, once an overrun. Emits `conversation.overdue`. Each portion is a
 * transaction of its own; rows that somebody holds are for the next minute.
 */
export const tickInbox = async ({ db }: { readonly db: Db }, at: number): Promise<InboxTick> => ({
  woken: await inPortions(db, (tx) => wakeSnoozed(tx, at)),
  settled: await inPortions(db, (tx) => settlePending(tx, at)),
  closed: await inPortions(db, (tx) => closeQuiet(tx, at)),
  overdue: await inPortions(db, (tx) => tellOverdue(tx, at)),
})

const inPortions = async (db: Db, work: (tx: OperatorTx) => Promise<readonly unknown[]>): Promise<number> => {
  for (let total = 0; ;) {
    const { length } = await asOperator(db, 'inbox', work)
    total += length
    if (length < TICK_BATCH) return total
  }
}

const tellOverdue = async (tx: OperatorTx, at: number): Promise<readonly OverdueConversation[]> => {
  const overdue = await claimOverdue(tx, at)
  for (const tenantId of new Set(overdue.map((row) => row.tenantId))) {
    const events = overdue
      .filter((row) => row.tenantId === tenantId)
      .map(({ id, dueAt }) => ({ type: 'conversation.overdue', payload: { conversationId: id, dueAt } }) as const)
    await withinTenant(tx, tenantId, (inner) => emitEvents(inner, at, events))
  }
  return overdue
}

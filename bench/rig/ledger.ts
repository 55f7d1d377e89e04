import { sql } from 'kysely'

import type { Db } from '#server/db/pool.ts'

import type { SimulatorProcess } from './rig.ts'

/** What our ledger says, held against what the simulator accepted: the simulator is the truth. */
export interface LedgerCheck {
  readonly accepted: number
  readonly sent: number
  readonly unknown: number
  readonly failed: number
  readonly refused: number
  /** Deliveries without an end: planned, deferred or reserved. */
  readonly open: number
  /** People who got it more than once. */
  readonly duplicated: number
  /** People who got it while we list it neither as sent nor as unknown. */
  readonly unlisted: number
  /** Listed as sent, and never accepted. */
  readonly sentNotAccepted: number
  /** Listed as unknown, and never accepted: what doubt costs. */
  readonly unknownNotAccepted: number
}

/** Compares the tenant's deliveries, at most one per chat, with the simulator's log of accepted messages. */
export const checkLedger = async (db: Db, simulator: SimulatorProcess, tenantId: number): Promise<LedgerCheck> => {
  const log = await simulator.control<readonly { chatId: number }[]>('listMessages', { limit: 100_000 })
  const times = new Map<number, number>()
  for (const { chatId } of log) times.set(chatId, (times.get(chatId) ?? 0) + 1)
  const { rows } = await sql<{
    chat_id: number
    state: string
  }>`select chat_id, state from delivery where tenant_id = ${tenantId}`.execute(db)
  const chatsIn = (...states: string[]) => rows.filter((r) => states.includes(r.state)).map((r) => r.chat_id)
  const sent = new Set(chatsIn('sent'))
  const unknown = new Set(chatsIn('unknown'))
  return {
    accepted: times.size,
    sent: sent.size,
    unknown: unknown.size,
    failed: chatsIn('failed').length,
    refused: chatsIn('refused', 'cancelled').length,
    open: chatsIn('planned', 'deferred', 'reserved').length,
    duplicated: [...times.values()].filter((n) => n > 1).length,
    unlisted: [...times.keys()].filter((chat) => !sent.has(chat) && !unknown.has(chat)).length,
    sentNotAccepted: [...sent].filter((chat) => !times.has(chat)).length,
    unknownNotAccepted: [...unknown].filter((chat) => !times.has(chat)).length,
  }
}

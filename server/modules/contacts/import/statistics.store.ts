import { sql } from 'kysely'

import type { Db } from '#server/db/pool.ts'

/** Tables an import fills. */
const FILLED = {
  people: ['contact', 'contact_feature'],
  history: ['contact', 'contact_feature', 'contact_chat', 'contact_event', 'message'],
} as const

/**
 * Tells the planner of an import while it is under way, after its 1st, 4th, 16th … batch: until the server does so by
 * itself, which may take a minute, the planner holds the tables for empty and reads them from end to end.
 */
export const refreshStatistics = async (db: Db, filled: keyof typeof FILLED, batches: number): Promise<void> => {
  if (batches < 1 || !Number.isInteger(Math.log2(batches) / 2)) return
  for (const table of FILLED[filled]) await sql`analyze ${sql.table(table)}`.execute(db)
}

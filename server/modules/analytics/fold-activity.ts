import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import { foldChanges } from './daily-figures.store.ts'

/** Small transactions: whoever looks at the days meanwhile reads what is left. */
const BATCH = 20_000

/**
 * Adds what every tenant's transactions noted to the sums that days are read from. The days are exact without it, and the
 * longer it was not done, the more there is to read. Repeatable, also at the same time. Returns how many changes it took.
 */
export const foldActivity = async (db: Db): Promise<number> => {
  for (let total = 0; ;) {
    const taken = await asOperator(db, 'activity', (tx) => foldChanges(tx, BATCH))
    total += taken
    if (taken < BATCH) return total
  }
}

import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import { foldFigureChanges } from './campaign-figure.store.ts'

/** Small transactions: whoever looks at a campaign meanwhile reads what is left. */
const BATCH = 20_000

/**
 * Adds what every tenant's transactions noted to the figures of their campaigns. The figures are exact without it, and
 * the longer it was not done, the more there is to read. Repeatable, also at the same time. Returns how many changes it took.
 */
export const foldCampaignFigures = async (db: Db): Promise<number> => {
  for (let total = 0; ;) {
    const taken = await asOperator(db, 'campaign figures', (tx) => foldFigureChanges(tx, BATCH))
    total += taken
    if (taken < BATCH) return total
  }
}

import { sql } from 'kysely'

import { systemClock } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'

/** How many deliveries of the tenant have not ended. */
export const countOpen = async (db: Db, tenantId: number): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from delivery where tenant_id = ${tenantId} and state in ('planned', 'deferred', 'reserved')`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}

/** Resolves when no delivery of the tenant is open any more; gives up after `limitMs`. A database away is waited for. */
export const waitUntilDrained = async (db: Db, tenantId: number, limitMs: number, everyMs = 50): Promise<void> => {
  const until = systemClock.now() + limitMs
  for (;;) {
    const open = await countOpen(db, tenantId).catch(() => Number.NaN)
    if (open === 0) return
    if (systemClock.now() > until) throw new Error(`queue not drained after ${limitMs} ms: ${open} left`)
    await systemClock.sleep(everyMs)
  }
}

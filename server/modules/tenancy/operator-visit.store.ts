import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

/** When the session looked into the tenant last, epoch ms; null for never. */
export const selectVisit = async (tx: OperatorTx, sessionId: number, tenantId: number): Promise<number | null> => {
  const row = await tx
    .selectFrom('operator_visit')
    .select('last_at')
    .where('session_id', '=', sessionId)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst()
  return row?.last_at.getTime() ?? null
}

/** True for the first of those who write at once that the last one is older than `before`. */
export const saveVisit = async (
  tx: OperatorTx,
  visit: { readonly sessionId: number; readonly tenantId: number },
  { now, before }: { readonly now: number; readonly before: number },
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    insert into operator_visit (session_id, tenant_id, last_at)
    values (${visit.sessionId}, ${visit.tenantId}, ${toDate(now)})
    on conflict (session_id, tenant_id) do update set last_at = excluded.last_at
    where operator_visit.last_at <= ${toDate(before)}`.execute(tx)
  return numAffectedRows === 1n
}

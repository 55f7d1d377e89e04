import { HOUR_MS } from '#server/base/duration.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { recordAudit } from './audit.store.ts'
import { saveVisit, selectVisit } from './operator-visit.store.ts'
import type { Tenant } from './tenant.rules.ts'

/** What comes sooner after the last line is the same visit. */
const VISIT_MS = HOUR_MS

/**
 * Writes into the tenant's audit log that an operator, who is no member of it, looks into it: once for a visit, however
 * many calls its screens make. `now` is the time of people, `at` that of the audit log.
 */
export const noteOperatorVisit = async (
  tx: OperatorTx,
  { tenant, sessionId, by }: { readonly tenant: Tenant; readonly sessionId: number; readonly by: string },
  { now, at }: { readonly now: number; readonly at: number },
): Promise<void> => {
  const last = await selectVisit(tx, sessionId, tenant.id)
  if (last !== null && now - last < VISIT_MS) return
  const isFirst = await saveVisit(tx, { sessionId, tenantId: tenant.id }, { now, before: now - VISIT_MS })
  if (!isFirst) return
  const action = 'tenant.opened_by_operator'
  await recordAudit(tx, { tenantId: tenant.id, actor: by, action, target: tenant.slug, at })
}

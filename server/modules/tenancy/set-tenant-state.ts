import { notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { recordAudit } from './audit.store.ts'
import { checkSwitchReason } from './kill-switch.ts'
import type { Tenant } from './tenant.rules.ts'
import { saveTenantState, selectTenant } from './tenant.store.ts'

/**
 * Lets a tenant work, or suspends it: nothing is sent for a suspended tenant, and nothing of it is lost. A reason of
 * 1–200 characters is kept in the audit log with before and after. Errors: `not_found`, `invalid/text_length`.
 */
export const setTenantState = async (
  tx: OperatorTx,
  tenantId: number,
  change: { readonly state: Tenant['state']; readonly reason: string },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Tenant> => {
  const reason = checkSwitchReason(change.reason)
  const before = await selectTenant(tx, tenantId)
  if (!before) throw notFound('tenant', tenantId)
  await saveTenantState(tx, tenantId, change.state)
  await recordAudit(tx, {
    tenantId,
    actor: by,
    action: change.state === 'active' ? 'tenant.activated' : 'tenant.suspended',
    target: before.slug,
    detail: { before: before.state, after: change.state, reason },
    at,
  })
  return { ...before, state: change.state }
}

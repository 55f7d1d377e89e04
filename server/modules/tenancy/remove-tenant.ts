import { notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { recordAudit } from './audit.store.ts'
import { deleteTenant, selectTenant } from './tenant.store.ts'

/**
 * Removes a tenant that never worked, with everything it has. Whoever asks makes sure that no money and no account names
 * it. The installation's audit log keeps that it was there. Errors: `not_found`.
 */
export const removeTenant = async (
  tx: OperatorTx,
  tenantId: number,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const tenant = await selectTenant(tx, tenantId)
  if (!tenant) throw notFound('tenant', tenantId)
  await deleteTenant(tx, tenantId)
  await recordAudit(tx, { tenantId: null, actor: by, action: 'tenant.removed', target: tenant.slug, at })
}

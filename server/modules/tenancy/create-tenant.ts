import { AppError } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { requireRoomForTenant } from './apply-tenancy.ts'
import { recordAudit } from './audit.store.ts'
import { type NewTenant, type Tenant, checkNewTenant } from './tenant.rules.ts'
import { insertTenant, selectTenant } from './tenant.store.ts'

/**
 * Makes a tenant. Its strategies only observe for the first day. What higher modules give it (package and limits,
 * rules, strategies, templates) is the caller's part. Errors: `invalid` naming the field, `conflict/tenant_slug_taken`,
 * `conflict/single_tenant` in an installation that is one tenant's own.
 */
export const createTenant = async (
  tx: OperatorTx,
  input: NewTenant,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Tenant> => {
  const checked = checkNewTenant(input)
  await requireRoomForTenant(tx)
  const id = await insertTenant(tx, checked, at)
  if (id === null) throw new AppError('conflict', 'tenant_slug_taken', { field: 'slug', slug: checked.slug })
  await recordAudit(tx, {
    tenantId: id,
    actor: by,
    action: 'tenant.created',
    target: checked.slug,
    at,
  })
  const tenant = await selectTenant(tx, id)
  if (!tenant) throw new Error(`tenant ${id} vanished in its own transaction`)
  return tenant
}

import { notFound } from '#server/base/errors.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { Tenant } from './tenant.rules.ts'
import { selectTenant, selectTenantBySlug, selectTenants } from './tenant.store.ts'

/** The tenant of the transaction. Errors: `not_found`. */
export const getOwnTenant = async (tx: TenantTx): Promise<Tenant> => {
  const tenant = await selectTenant(tx, tx.tenantId)
  if (!tenant) throw notFound('tenant', tx.tenantId)
  return tenant
}

/** The tenant with this id or slug, or null. */
export const findTenant = (tx: OperatorTx, idOrSlug: number | string): Promise<Tenant | null> =>
  typeof idOrSlug === 'number' ? selectTenant(tx, idOrSlug) : selectTenantBySlug(tx, idOrSlug)

/** Every tenant, oldest first. */
export const listTenants = (tx: OperatorTx): Promise<readonly Tenant[]> => selectTenants(tx)

import { AppError, invalid, notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { type Tenant, listTenants } from '#server/modules/tenancy/index.ts'

/**
 * The tenant named by `slug`, or the only one there is. Errors: `not_found`, `invalid/tenant_needed` naming those there
 * are, `not_found` when there is none at all.
 */
export const resolveTenant = async (db: Db, slug: string | null): Promise<Tenant> => {
  const tenants = await asOperator(db, 'command line', (tx) => listTenants(tx))
  if (slug !== null) {
    const named = tenants.find((tenant) => tenant.slug === slug)
    if (!named) throw notFound('tenant', slug)
    return named
  }
  const [only, second] = tenants
  if (!only) throw new AppError('not_found', 'tenant_missing', { field: '--tenant' })
  if (second) throw invalid('tenant_needed', '--tenant', { slugs: tenants.map((tenant) => tenant.slug).join(', ') })
  return only
}

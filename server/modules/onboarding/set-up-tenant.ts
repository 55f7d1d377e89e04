import type { PackageName } from '#contract/words.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, narrowToTenant } from '#server/db/tenant-scope.ts'
import { startSubscription } from '#server/modules/billing/index.ts'
import { seedStrategies } from '#server/modules/delivery/index.ts'
import { seedSegmentRules } from '#server/modules/segments/index.ts'
import { seedTemplates } from '#server/modules/templates/index.ts'
import { type NewTenant, type Tenant, createTenant } from '#server/modules/tenancy/index.ts'

/**
 * Makes a tenant that can begin, whole or not at all: with its package, limits, rules, strategies and templates. Errors:
 * those of `createTenant` and `startSubscription`.
 */
export const setUpTenant = (
  db: Db,
  input: NewTenant & { readonly package: PackageName },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Tenant> =>
  asOperator(db, 'set up a tenant', async (operator) => {
    const tenant = await createTenant(operator, input, { by, at })
    await startSubscription(operator, { tenantId: tenant.id, package: input.package, at })
    const tx = await narrowToTenant(operator, tenant.id)
    await seedSegmentRules(tx, tenant.id, at)
    await seedStrategies(tx, at)
    await seedTemplates(tx, at)
    return tenant
  })

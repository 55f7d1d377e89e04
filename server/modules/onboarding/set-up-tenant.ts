import type { PackageName } from '#contract/words.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { startSubscription } from '#server/modules/billing/index.ts'
import { seedStrategies } from '#server/modules/delivery/index.ts'
import { seedSegmentRules } from '#server/modules/segments/index.ts'
import { seedTemplates } from '#server/modules/templates/index.ts'
import { type NewTenant, type Tenant, createTenant } from '#server/modules/tenancy/index.ts'

export type TenantOrder = NewTenant & {
  readonly package: PackageName
  /** The package is chosen and not paid for: nothing is allowed until it is. */
  readonly isUnpaid?: boolean
}

/**
 * Makes a tenant that can begin, whole or not at all: with its package, limits, rules, strategies and templates. Errors:
 * those of `createTenant` and `startSubscription`.
 */
export const setUpTenant = (
  db: Db,
  input: TenantOrder,
  actor: { readonly by: string; readonly at: number },
): Promise<Tenant> => asOperator(db, 'set up a tenant', (tx) => makeTenant(tx, input, actor))

/** {@link setUpTenant} within the caller's transaction, which sees every tenant before and after. */
export const makeTenant = async (
  operator: OperatorTx,
  { package: name, isUnpaid = false, ...input }: TenantOrder,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Tenant> => {
  const tenant = await createTenant(operator, input, { by, at })
  await startSubscription(operator, { tenantId: tenant.id, package: name, isUnpaid, at })
  await withinTenant(operator, tenant.id, async (tx) => {
    await seedSegmentRules(tx, tenant.id, at)
    await seedStrategies(tx, at)
    await seedTemplates(tx, at)
  })
  return tenant
}

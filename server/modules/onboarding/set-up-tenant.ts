import type { PackageName } from '#contract/words.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { startSubscription } from '#server/modules/billing/index.ts'
import { seedStrategies } from '#server/modules/delivery/index.ts'
import { seedSegmentRules } from '#server/modules/segments/index.ts'
import { seedTemplates } from '#server/modules/templates/index.ts'
import { type NewTenant, type Tenant, createTenant } from '#server/modules/tenancy/index.ts'

/** Gives a tenant the rules, strategies and templates of a new one where it has none. Repeatable. */
const seedTenant = async (db: Db, tenantId: number, at: number): Promise<void> => {
  await inTenant(db, tenantId, async (tx) => {
    await seedSegmentRules(tx, tenantId, at)
    await seedStrategies(tx, at)
    await seedTemplates(tx, at)
  })
}

/** Makes a tenant that can begin: with its package, limits, rules, strategies and templates. Errors: those of `createTenant` and
 * `startSubscription`. */
export const setUpTenant = async (
  db: Db,
  input: NewTenant & { readonly package: PackageName },
  actor: { readonly by: string; readonly at: number },
): Promise<Tenant> => {
  const tenant = await asOperator(db, 'set up a tenant', async (tx) => {
    const made = await createTenant(tx, input, actor)
    await startSubscription(tx, { tenantId: made.id, package: input.package, at: actor.at })
    return made
  })
  await seedTenant(db, tenant.id, actor.at)
  return tenant
}

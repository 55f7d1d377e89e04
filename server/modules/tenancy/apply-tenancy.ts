import { AppError } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'

import { type Tenancy, lockTenancy, saveTenancy } from './tenancy.store.ts'
import { selectTenants } from './tenant.store.ts'

/**
 * Writes down how many tenants this installation is for, where the settings say so; what is written holds for every
 * process and command. Errors: `conflict/tenancy_too_many` for `single` with several tenants: nothing is changed then.
 */
export const applyTenancy = (db: Db, tenancy: Tenancy | null): Promise<void> =>
  tenancy === null
    ? Promise.resolve()
    : asOperator(db, 'tenancy of the installation', async (tx) => {
        if ((await lockTenancy(tx)) === tenancy) return
        const { length: tenants } = await selectTenants(tx)
        if (tenancy === 'single' && tenants > 1)
          throw new AppError('conflict', 'tenancy_too_many', { field: 'TENANCY', tenants })
        await saveTenancy(tx, tenancy)
      })

/** Errors: `conflict/single_tenant` when the installation is for one tenant and has it. Locks its row. */
export const requireRoomForTenant = async (tx: OperatorTx): Promise<void> => {
  if ((await lockTenancy(tx)) === 'pooled') return
  const [tenant] = await selectTenants(tx)
  if (tenant) throw new AppError('conflict', 'single_tenant', { field: 'TENANCY', slug: tenant.slug })
}

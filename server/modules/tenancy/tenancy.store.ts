import type { OperatorTx } from '#server/db/tenant-scope.ts'

/** `pooled`: many tenants share an installation. `single`: it is one tenant's own. */
export type Tenancy = 'pooled' | 'single'

/** What the installation is for. A change, and making a tenant under `single`, wait for each other. */
export const lockTenancy = async (tx: OperatorTx): Promise<Tenancy> => {
  const row = await tx.selectFrom('installation').select('tenancy').executeTakeFirstOrThrow()
  if (row.tenancy === 'pooled') return 'pooled'
  const locked = await tx.selectFrom('installation').select('tenancy').forUpdate().executeTakeFirstOrThrow()
  return locked.tenancy as Tenancy
}

export const saveTenancy = async (tx: OperatorTx, tenancy: Tenancy): Promise<void> => {
  await tx.updateTable('installation').set({ tenancy }).execute()
}

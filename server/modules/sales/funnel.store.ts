import type { Selectable } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { FunnelVersionTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type Funnel, type FunnelDefinition, STANDARD_FUNNEL, standardFunnel } from './funnel.rules.ts'

const SHIPPED: Funnel = {
  name: STANDARD_FUNNEL,
  version: 0,
  definition: standardFunnel,
  updatedBy: null,
  updatedAt: null,
}

const toFunnel = (row: Selectable<FunnelVersionTable>): Funnel => ({
  name: row.name,
  version: row.version,
  definition: row.definition as FunnelDefinition,
  updatedBy: row.updated_by,
  updatedAt: row.updated_at.getTime(),
})

const versions = (tx: TenantTx) => tx.selectFrom('funnel_version').selectAll().where('tenant_id', '=', tx.tenantId)

/** The version in force; null for a name that no funnel has. */
export const findFunnel = async (tx: TenantTx, name: string): Promise<Funnel | null> => {
  const row = await versions(tx).where('name', '=', name).where('is_current', '=', true).executeTakeFirst()
  if (row) return toFunnel(row)
  return name === STANDARD_FUNNEL ? SHIPPED : null
}

/** One version, whether or not it is in force. */
export const findFunnelVersion = async (tx: TenantTx, name: string, version: number): Promise<Funnel | null> => {
  if (version === 0) return name === STANDARD_FUNNEL ? SHIPPED : null
  const row = await versions(tx).where('name', '=', name).where('version', '=', version).executeTakeFirst()
  return row ? toFunnel(row) : null
}

/** The funnels in force, the standard one first. */
export const listFunnels = async (tx: TenantTx): Promise<readonly Funnel[]> => {
  const own = (await versions(tx).where('is_current', '=', true).orderBy('name').execute()).map(toFunnel)
  const standard = own.find(({ name }) => name === STANDARD_FUNNEL) ?? SHIPPED
  return [standard, ...own.filter(({ name }) => name !== STANDARD_FUNNEL)]
}

/** Puts the next version in force. Two writers of one funnel meet at its key: the second fails and may try again. */
export const insertFunnel = async (
  tx: TenantTx,
  funnel: { readonly name: string; readonly version: number; readonly definition: FunnelDefinition },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('funnel_version')
    .set({ is_current: false })
    .where('tenant_id', '=', tx.tenantId)
    .where('name', '=', funnel.name)
    .where('is_current', '=', true)
    .execute()
  await tx
    .insertInto('funnel_version')
    .values({
      tenant_id: tx.tenantId,
      name: funnel.name,
      version: funnel.version,
      is_current: true,
      definition: JSON.stringify(funnel.definition),
      updated_by: by,
      updated_at: toDate(at),
    })
    .execute()
}

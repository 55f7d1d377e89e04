import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

export interface SealedTenantKey {
  readonly version: number
  readonly keySealed: Buffer
}

const selectKey = (tx: TenantTx) =>
  tx.selectFrom('tenant_key').select(['version', 'key_sealed']).where('tenant_id', '=', tx.tenantId)

const toKey = (row: { readonly version: number; readonly key_sealed: Buffer } | undefined): SealedTenantKey | null =>
  row ? { version: row.version, keySealed: row.key_sealed } : null

/** The tenant's data key. Under `use` it stays the same until the transaction ends; under `replace` nobody uses it meanwhile. */
export const lockTenantKey = async (tx: TenantTx, purpose: 'use' | 'replace'): Promise<SealedTenantKey | null> =>
  toKey(await (purpose === 'use' ? selectKey(tx).forShare() : selectKey(tx).forUpdate()).executeTakeFirst())

/** Keeps a first key; one that is there already stays. */
export const insertTenantKey = async (tx: TenantTx, keySealed: Buffer, at: number): Promise<void> => {
  await tx
    .insertInto('tenant_key')
    .values({ tenant_id: tx.tenantId, key_sealed: keySealed, rotated_at: toDate(at) })
    .onConflict((c) => c.column('tenant_id').doNothing())
    .execute()
}

/** Puts a new key in the place of the present one. Returns its version. */
export const replaceTenantKey = async (tx: TenantTx, keySealed: Buffer, at: number): Promise<number> => {
  const { version } = await tx
    .updateTable('tenant_key')
    .set((e) => ({ key_sealed: keySealed, version: e('version', '+', 1), rotated_at: toDate(at) }))
    .where('tenant_id', '=', tx.tenantId)
    .returning('version')
    .executeTakeFirstOrThrow()
  return version
}

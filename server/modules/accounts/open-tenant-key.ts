import { type SecretBox, randomKey, secretBox } from '#server/base/secret.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { insertTenantKey, lockTenantKey } from './tenant-key.store.ts'

/** What a sealed data key is bound to. */
export const tenantKeyContext = (tenantId: number): string => `tenant_key:${tenantId}`

/**
 * The box that seals with the tenant's data key, made at its first use. The key is not replaced before the transaction
 * ends. Errors: `internal/secret_unreadable` when the installation's key is not the one it was sealed with.
 */
export const openTenantKey = async (tx: TenantTx, box: SecretBox, at: number): Promise<SecretBox> => {
  const context = tenantKeyContext(tx.tenantId)
  const known = await lockTenantKey(tx, 'use')
  if (!known) await insertTenantKey(tx, box.sealBytes(randomKey(), context), at)
  const key = known ?? (await lockTenantKey(tx, 'use'))
  if (!key) throw new Error(`tenant ${tx.tenantId} has no key after one was made`)
  return secretBox(box.openBytes(key.keySealed, context))
}

import type { Clock } from '#server/base/clock.ts'
import { type SecretBox, deriveKey, randomKey, secretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'

import { insertTenantKey, lockTenantKey } from './tenant-key.store.ts'
import { tenantKeyContext } from './user-session.rules.ts'

/**
 * The box that seals with the tenant's data key, made at its first use. The key is not replaced before the transaction
 * ends. Errors: `internal/secret_unreadable` when the installation's key is not the one it was sealed with.
 */
export const openTenantKey = async (tx: TenantTx, box: SecretBox, at: number): Promise<SecretBox> =>
  secretBox(await openKey(tx, box, at))

/**
 * What the numbers of a tenant's sends are derived from, so that nobody outside can tell one beforehand. Changes with
 * the data key.
 */
export const openSendKey = (
  deps: { readonly db: Db; readonly box: SecretBox; readonly clock: Clock },
  tenantId: number,
): Promise<Uint8Array> =>
  inTenant(deps.db, tenantId, async (tx) =>
    deriveKey(await openKey(tx, deps.box, deps.clock.now()), 'attempt.random_id'),
  )

const openKey = async (tx: TenantTx, box: SecretBox, at: number): Promise<Uint8Array> => {
  const context = tenantKeyContext(tx.tenantId)
  const known = await lockTenantKey(tx, 'use')
  if (!known) await insertTenantKey(tx, box.sealBytes(randomKey(), context), at)
  const key = known ?? (await lockTenantKey(tx, 'use'))
  if (!key) throw new Error(`tenant ${tx.tenantId} has no key after one was made`)
  return box.openBytes(key.keySealed, context)
}

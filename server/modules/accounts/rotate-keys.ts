import { AppError } from '#server/base/errors.ts'
import { type SecretBox, randomKey, secretBox } from '#server/base/secret.ts'
import { listLeases } from '#server/db/lease.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import type { Actor } from './accounts-deps.ts'
import { MASTER_SEALED, TENANT_SEALED, lockSealed, resealColumn } from './sealed-columns.store.ts'
import { insertTenantKey, lockTenantKey, replaceTenantKey } from './tenant-key.store.ts'
import { tenantKeyContext } from './user-session.rules.ts'

export interface TenantKeyRotation {
  readonly version: number
  /** Values and keys that are sealed anew. */
  readonly resealed: number
}

/**
 * Gives the tenant a new data key and seals all that the old one sealed anew, in the caller's transaction. Servers may
 * run meanwhile: who writes waits until it is done. Audited. Errors: `internal/secret_unreadable`.
 */
export const rotateTenantKey = async (tx: TenantTx, box: SecretBox, { by, at }: Actor): Promise<TenantKeyRotation> => {
  const context = tenantKeyContext(tx.tenantId)
  await insertTenantKey(tx, box.sealBytes(randomKey(), context), at)
  const old = await lockTenantKey(tx, 'replace')
  if (!old) throw new Error(`tenant ${tx.tenantId} has no key after one was made`)
  const key = randomKey()
  const [from, to] = [secretBox(box.openBytes(old.keySealed, context)), secretBox(key)]
  let resealed = 0
  for (const column of TENANT_SEALED) resealed += await resealColumn(tx, column, from, to)
  const version = await replaceTenantKey(tx, box.sealBytes(key, context), at)
  const detail = { version, resealed }
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'keys.rotated', target: 'tenant_key', detail, at })
  return { version, resealed }
}

/**
 * Seals everything that the installation's key seals with another one, in the caller's transaction: all or nothing. No
 * server may run, since it would go on sealing with the old key. Returns how many values. Errors:
 * `conflict/server_running`, `internal/secret_unreadable`.
 */
export const rotateMasterKey = async (tx: OperatorTx, from: SecretBox, to: SecretBox): Promise<number> => {
  const [lease] = await listLeases(tx)
  if (lease) throw new AppError('conflict', 'server_running', { holder: lease.holder })
  await lockSealed(tx, MASTER_SEALED)
  let resealed = 0
  for (const column of MASTER_SEALED) resealed += await resealColumn(tx, column, from, to)
  return resealed
}

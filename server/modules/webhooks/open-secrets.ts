import type { SecretBox } from '#server/base/secret.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { endpointSecretContext, oldEndpointSecretContext, openTenantKey } from '#server/modules/accounts/index.ts'

import type { SealedSecrets } from './endpoint.store.ts'

/** The secrets that sign for an endpoint at `at`, newest first. Errors: `internal/secret_unreadable`. */
export const openSecrets = async (
  tx: TenantTx,
  box: SecretBox,
  { id, sealed, old, oldUntil }: SealedSecrets & { readonly id: number },
  at: number,
): Promise<readonly string[]> => {
  const key = await openTenantKey(tx, box, at)
  const secret = key.open(sealed, endpointSecretContext(tx.tenantId, id))
  if (old === null || oldUntil === null || at >= oldUntil) return [secret]
  return [secret, key.open(old, oldEndpointSecretContext(tx.tenantId, id))]
}

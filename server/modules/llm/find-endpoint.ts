import type { SecretBox } from '#server/base/secret.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ModelEndpoint } from '#server/gateways/llm/language-model.ts'
import { modelKeyContext, openTenantKey } from '#server/modules/accounts/index.ts'

import type { StoredSetting } from './model.store.ts'

interface EndpointDeps {
  readonly box: SecretBox
  readonly installation: ModelEndpoint | null
}

/** Keys are opened once for each setting; so many tenants' at most are kept open. */
const OPEN_MAX = 1_000

/** Finds where a tenant's model is reached; null while it has none. */
export const createEndpointFinder = ({ box, installation }: EndpointDeps) => {
  const open = new Map<number, { readonly version: number; readonly apiKey: string }>()

  const keyOf = async (tx: TenantTx, { keySealed, version }: StoredSetting, now: number): Promise<string | null> => {
    if (keySealed === null) return null
    const known = open.get(tx.tenantId)
    if (known?.version === version) return known.apiKey
    const key = await openTenantKey(tx, box, now)
    const apiKey = key.open(keySealed, modelKeyContext(tx.tenantId))
    open.delete(tx.tenantId)
    open.set(tx.tenantId, { version, apiKey })
    const oldest = open.keys().next()
    if (open.size > OPEN_MAX && !oldest.done) open.delete(oldest.value)
    return apiKey
  }

  return {
    /** Errors: `internal/secret_unreadable` for a key that was sealed with another. */
    async find(tx: TenantTx, setting: StoredSetting, now: number): Promise<ModelEndpoint | null> {
      const { mode, baseUrl, model } = setting
      if (mode === 'installation') return installation && { ...installation, isOperators: true }
      if (mode !== 'own' || baseUrl === null || model === null) return null
      return { baseUrl, model, apiKey: await keyOf(tx, setting, now) }
    },
  }
}

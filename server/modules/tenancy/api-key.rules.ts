import type { TenantAction } from '#contract/actions.ts'
import { invalid } from '#server/base/errors.ts'

import { KEY_SCOPES } from './access.rules.ts'

/** A key as lists show it; its secret is known to its holder alone. */
export interface ApiKey {
  readonly tenantId: number
  readonly id: number
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly TenantAction[]
  readonly createdBy: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

/** `gvt_live_`, eight characters to find it by, 32 bytes of secret. */
const KEY = /^gvt_live_([a-z0-9]{8})_([A-Za-z0-9_-]{43})$/

export const writeKey = (prefix: string, secret: string): string => `gvt_live_${prefix}_${secret}`

/** Prefix and secret of a key, or null when the text is none. */
export const readKey = (text: string): { readonly prefix: string; readonly secret: string } | null => {
  const [, prefix, secret] = KEY.exec(text) ?? []
  return prefix === undefined || secret === undefined ? null : { prefix, secret }
}

/** Errors: `invalid/scopes_missing`, `invalid/unknown_word` naming `scopes`. */
export const checkScopes = (scopes: readonly string[]): readonly TenantAction[] => {
  const allowed = KEY_SCOPES.join(', ')
  if (scopes.length === 0) throw invalid('scopes_missing', 'scopes', { allowed })
  const stranger = scopes.find((scope) => !(KEY_SCOPES as readonly string[]).includes(scope))
  if (stranger !== undefined) throw invalid('unknown_word', 'scopes', { given: stranger.slice(0, 60), allowed })
  return [...new Set(scopes)] as TenantAction[]
}

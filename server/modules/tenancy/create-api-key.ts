import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { equalHashes, hashSecret, randomToken, randomWord } from '#server/base/secret.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type Access, can, requireCan } from './access.rules.ts'
import { type ApiKey, checkScopes, readKey, writeKey } from './api-key.rules.ts'
import { findKeyByPrefix, insertApiKey, saveKeyUse, saveRevocation } from './api-key.store.ts'
import { recordAudit } from './audit.store.ts'
import type { ActingPerson } from './member.rules.ts'

/**
 * Makes a key for programs. Its text is returned once; stored are a prefix and the SHA-256 of 32 random bytes. Nobody
 * gives a key more than they may do themselves. Audited. Errors: `forbidden/not_allowed`, `invalid` with `text_length`,
 * `scopes_missing` or `unknown_word`.
 */
export const createApiKey = async (
  tx: TenantTx,
  input: { readonly name: string; readonly scopes: readonly string[] },
  { by, access, at }: ActingPerson,
): Promise<ApiKey & { readonly key: string }> => {
  requireCan(access, 'keys.create')
  const name = input.name.trim()
  if (name.length === 0 || name.length > 100)
    throw invalid('text_length', 'name', { min: 1, max: 100, length: name.length })
  const scopes = checkScopes(input.scopes)
  const beyond = scopes.find((scope) => !can(access, scope))
  if (beyond !== undefined) throw new AppError('forbidden', 'not_allowed', { action: beyond })
  const [prefix, secret] = [randomWord(8), randomToken(32)]
  const made = await insertApiKey(tx, { name, prefix, secretHash: hashSecret(secret), scopes, createdBy: by }, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'key.created',
    target: `key:${made.id}`,
    detail: { prefix, scopes: scopes.join(' ') },
    at,
  })
  return { ...made, key: writeKey(prefix, secret) }
}

/** Ends a key at once. Audited. Errors: `forbidden/not_allowed`, `not_found` when no such key works. */
export const revokeApiKey = async (tx: TenantTx, id: number, { by, access, at }: ActingPerson): Promise<void> => {
  requireCan(access, 'keys.revoke')
  if (!(await saveRevocation(tx, id, at))) throw notFound('key', id)
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'key.revoked', target: `key:${id}`, at })
}

/**
 * Whose key this is and what it may do. What does not work, for whatever reason, gets the same answer. Errors:
 * `unauthenticated/api_key_unusable`.
 */
export const authenticateApiKey = async (
  tx: OperatorTx,
  text: string,
  at: number,
): Promise<{ readonly tenantId: number; readonly keyId: number; readonly access: Access }> => {
  const given = readKey(text)
  const found = given && (await findKeyByPrefix(tx, given.prefix))
  if (!given || !found || found.key.revokedAt !== null || !equalHashes(hashSecret(given.secret), found.secretHash))
    throw new AppError('unauthenticated', 'api_key_unusable')
  await saveKeyUse(tx, given.prefix, at)
  const { tenantId, id, scopes } = found.key
  return { tenantId, keyId: id, access: { kind: 'api_key', scopes } }
}

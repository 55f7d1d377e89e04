import { createHash } from 'node:crypto'

/** How a person is recognised. */
export interface PersonKeys {
  readonly telegramId: number | null
  readonly username: string | null
}

const hashOf = (tenantId: number, key: string): Buffer =>
  createHash('sha256').update(`gavatcore suppression 1\u0000${tenantId}\u0000${key}`).digest()

/**
 * What a suppression list keeps of a person after everything else is erased: SHA-256 of the tenant and the Telegram id,
 * else of the user name. It recognises somebody who comes back; it names nobody by itself, and differs between tenants.
 * Null for somebody without either.
 */
export const personHash = (tenantId: number, { telegramId, username }: PersonKeys): Buffer | null => {
  if (telegramId !== null) return hashOf(tenantId, `id:${telegramId}`)
  return username === null ? null : hashOf(tenantId, `name:${username.toLowerCase()}`)
}

/** Every hash under which a person may be on the list: by id, and by name from a time when the id was not known. */
export const personHashes = (tenantId: number, { telegramId, username }: PersonKeys): Buffer[] =>
  [personHash(tenantId, { telegramId, username: null }), personHash(tenantId, { telegramId: null, username })].filter(
    (hash) => hash !== null,
  )

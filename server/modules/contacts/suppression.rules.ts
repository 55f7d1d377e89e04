import { createHash } from 'node:crypto'

/**
 * What a suppression list keeps of a person after everything else is erased: SHA-256 of the tenant and the Telegram id,
 * else of the user name. It recognises somebody who comes back; it names nobody by itself, and differs between tenants.
 */
export const personHash = (
  tenantId: number,
  person: { readonly telegramId: number | null; readonly username: string | null },
): Buffer | null => {
  const who =
    person.telegramId !== null
      ? `id:${person.telegramId}`
      : person.username !== null
        ? `name:${person.username.toLowerCase()}`
        : null
  return who === null
    ? null
    : createHash('sha256').update(`gavatcore suppression 1\u0000${tenantId}\u0000${who}`).digest()
}

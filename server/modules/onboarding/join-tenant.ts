import type { Db } from '#server/db/pool.ts'
import { requireEntitlement } from '#server/modules/billing/index.ts'
import { type Member, acceptInvitation } from '#server/modules/tenancy/index.ts'

/**
 * Lets whoever brings an invitation into the tenant, where its package has room. Errors: those of `acceptInvitation` and
 * `requireEntitlement`.
 */
export const joinTenant = (
  db: Db,
  input: { readonly token: string; readonly telegramId: number; readonly name: string },
  at: number,
): Promise<Member> =>
  acceptInvitation({ db, requireRoom: (tx) => requireEntitlement(tx, 'members', { at }) }, input, at)

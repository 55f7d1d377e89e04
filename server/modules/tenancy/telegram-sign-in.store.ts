import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

export const insertTelegramSignIn = async (
  tx: OperatorTx,
  { tokenHash, expiresAt }: { readonly tokenHash: Buffer; readonly expiresAt: number },
  at: number,
): Promise<void> => {
  await tx
    .insertInto('telegram_sign_in')
    .values({ token_hash: tokenHash, created_at: toDate(at), expires_at: toDate(expiresAt) })
    .execute()
}

/** Takes it, once and in time; false when it cannot be taken (any more). */
export const takeTelegramSignIn = async (tx: OperatorTx, tokenHash: Buffer, at: number): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('telegram_sign_in')
    .set({ used_at: toDate(at) })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', toDate(at))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Removes those that were over before `before`. Returns how many. */
export const deleteOldTelegramSignIns = async (tx: OperatorTx, before: number): Promise<number> => {
  const { numDeletedRows } = await tx
    .deleteFrom('telegram_sign_in')
    .where('expires_at', '<', toDate(before))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

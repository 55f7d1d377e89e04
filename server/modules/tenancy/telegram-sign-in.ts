import { AppError } from '#server/base/errors.ts'
import { hashSecret, randomToken } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import type { TelegramSignIn } from '#server/gateways/telegram/telegram-sign-in.ts'

import { listMemberships } from './change-member.ts'
import { findOperator } from './change-operator.ts'
import { type OpenedSession, startSession } from './open-web-session.ts'
import { TELEGRAM_SIGN_IN_MS, signInSecrets } from './telegram-sign-in.rules.ts'
import { insertTelegramSignIn, takeTelegramSignIn } from './telegram-sign-in.store.ts'

export interface TelegramSignInDeps {
  readonly db: Db
  readonly signIn: TelegramSignIn
}

/**
 * Sends somebody to Telegram's own page. The token belongs into a cookie of theirs: with it they come back within ten
 * minutes, once. Errors: `unavailable/telegram_unreachable`.
 */
export const beginTelegramSignIn = async (
  { db, signIn }: TelegramSignInDeps,
  returnUrl: string,
  at: number,
): Promise<{ readonly token: string; readonly page: string; readonly expiresAt: number }> => {
  const token = randomToken(32)
  const expiresAt = at + TELEGRAM_SIGN_IN_MS
  const page = await signIn.pageFor(signInSecrets(token), returnUrl)
  if (page === null) throw new AppError('unavailable', 'telegram_unreachable', { reason: 'discovery' })
  await asOperator(db, 'sign in by Telegram', (tx) =>
    insertTelegramSignIn(tx, { tokenHash: hashSecret(token), expiresAt }, at),
  )
  return { token, page, expiresAt }
}

/**
 * Opens a session for whoever came back from Telegram's page, if they belong to a tenant or run the installation; a
 * second factor is owed as with any session. Errors: `unauthenticated` with `telegram_sign_in_over` for a foreign, used
 * or old token and `telegram_sign_in_refused`, `forbidden/telegram_sign_in_stranger`, `unavailable/telegram_unreachable`.
 */
export const finishTelegramSignIn = async (
  { db, signIn }: TelegramSignInDeps,
  { token, returned, device }: { readonly token: string; readonly returned: URL; readonly device: string },
  at: number,
): Promise<OpenedSession> => {
  // Taken before anybody is asked: of two who come back with the same, one goes on.
  const isTaken = await asOperator(db, 'sign in by Telegram', (tx) => takeTelegramSignIn(tx, hashSecret(token), at))
  if (!isTaken) throw new AppError('unauthenticated', 'telegram_sign_in_over')
  const answer = await signIn.identify(returned, signInSecrets(token))
  if (answer.kind === 'unreachable')
    throw new AppError('unavailable', 'telegram_unreachable', { reason: answer.reason })
  if (answer.kind === 'refused')
    throw new AppError('unauthenticated', 'telegram_sign_in_refused', { reason: answer.reason })
  const { telegramId } = answer
  return asOperator(db, 'sign in', async (tx) => {
    const isKnown = (await listMemberships(tx, telegramId)).length > 0 || (await findOperator(tx, telegramId)) !== null
    if (!isKnown) throw new AppError('forbidden', 'telegram_sign_in_stranger')
    return { ...(await startSession(tx, { telegramId, device }, at)), tenantId: null }
  })
}

import { AppError } from '#server/base/errors.ts'
import { hashSecret, randomToken } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'

import { listMemberships } from './change-member.ts'
import { findOperator } from './change-operator.ts'
import { MINI_APP_LIMITS, isLaunchFresh, miniAppToken } from './mini-app-session.rules.ts'
import { insertLaunchSession, lockLaunchSession, saveSessionToken } from './mini-app-session.store.ts'

import { WEB_SESSION_LIMITS } from './web-session.rules.ts'

/** A launch that Telegram vouched for; who calls has checked that. */
export interface ProvedLaunch {
  readonly telegramId: number
  readonly openedAt: number
  /** 32 bytes, the same for the same launch. */
  readonly hash: Buffer
  /** What the browser calls itself. */
  readonly device: string
}

/** The secret of the session, shown once. */
export interface MiniAppSession {
  readonly sessionToken: string
  readonly expiresAt: number
}

const isKnown = async (tx: OperatorTx, telegramId: number): Promise<boolean> =>
  (await findOperator(tx, telegramId)) !== null || (await listMemberships(tx, telegramId)).length > 0

/**
 * Opens the one session of a launch of the Mini App, for members and operators. The same launch from the same device, such
 * as a page that is loaded again, gets the same session under a new secret, and the former secret ends. Errors:
 * `unauthenticated/mini_app_old`, `forbidden/mini_app_stranger`, `conflict/mini_app_used` from another device or after
 * signing out.
 */
export const openMiniAppSession = (db: Db, launch: ProvedLaunch, at: number): Promise<MiniAppSession> =>
  asOperator(db, 'open the mini app', async (tx) => {
    const { telegramId, openedAt, hash } = launch
    if (!isLaunchFresh(openedAt, at)) throw new AppError('unauthenticated', 'mini_app_old')
    if (!(await isKnown(tx, telegramId))) throw new AppError('forbidden', 'mini_app_stranger')
    const device = launch.device.slice(0, WEB_SESSION_LIMITS.deviceLength)
    const sessionToken = miniAppToken(randomToken(32))
    const tokenHash = hashSecret(sessionToken)
    const known = await lockLaunchSession(tx, hash)
    if (known === null) {
      const expiresAt = at + MINI_APP_LIMITS.sessionMs
      await insertLaunchSession(tx, { telegramId, tokenHash, launchHash: hash, device, expiresAt }, at)
      return { sessionToken, expiresAt }
    }
    if (known.isEnded || known.device !== device) throw new AppError('conflict', 'mini_app_used')
    await saveSessionToken(tx, known.id, tokenHash)
    return { sessionToken, expiresAt: known.expiresAt }
  })

import { AppError, notFound } from '#server/base/errors.ts'
import { hashSecret, randomToken } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'

import { deleteOldTelegramSignIns } from './telegram-sign-in.store.ts'
import { isMiniAppToken, MINI_APP_LIMITS } from './mini-app-session.rules.ts'
import {
  type CurrentSession,
  type SignInLink,
  WEB_SESSION_LIMITS,
  type WebPerson,
  type WebSession,
  signInFault,
  signInPath,
} from './web-session.rules.ts'
import {
  countSignInLinksLocked,
  deleteOldSignIns,
  insertSignInLink,
  insertWebSession,
  lockSignInLink,
  saveLinkUse,
  saveSessionEnd,
  saveSessionUse,
  selectSignInLink,
  selectWebSession,
  selectWebSessions,
} from './web-session.store.ts'

/** What a link is made for; who calls has checked that this is the person. */
export type NewSignInLink = WebPerson & Partial<Pick<SignInLink, 'tenantId' | 'locale'>>

/**
 * Makes a link into the web panel for one person: used once, within ten minutes. Its token is returned once, in the path.
 * Errors: `rate_limited/page_links_max` after ten in an hour, with `minutes` to wait.
 */
export const createSignInLink = (
  db: Db,
  input: NewSignInLink,
  at: number,
): Promise<{ readonly path: string; readonly expiresAt: number }> =>
  asOperator(db, 'sign-in link', async (tx) => {
    const { links, linkMs } = WEB_SESSION_LIMITS
    if ((await countSignInLinksLocked(tx, input, at - links.perMs)) >= links.max)
      throw new AppError('rate_limited', 'page_links_max', { max: links.max, minutes: links.perMs / 60_000 })
    const token = randomToken(32)
    const expiresAt = at + linkMs
    await insertSignInLink(tx, { tenantId: null, locale: null, ...input, tokenHash: hashSecret(token), expiresAt }, at)
    return { path: signInPath(token), expiresAt }
  })

const FAULTS = { unknown: 'page_link_unknown', used: 'page_link_used', expired: 'page_link_expired' } as const

const requireUsable = (link: SignInLink | null, at: number): SignInLink => {
  const fault = signInFault(link, at)
  if (link === null || fault !== null) throw new AppError('conflict', FAULTS[fault ?? 'unknown'])
  return link
}

/** What a link would open, without using it up: previews of messages call it, too. Errors: as {@link openWebSession}. */
export const getSignInLink = async (db: Db, token: string, at: number): Promise<SignInLink> =>
  requireUsable(await asOperator(db, 'sign-in link', (tx) => selectSignInLink(tx, hashSecret(token))), at)

/** A session and the secret of its cookie, which is shown once. */
export interface OpenedSession {
  readonly session: WebSession
  readonly sessionToken: string
  readonly tenantId: number | null
}

/** A session of this person on one device; who calls knows that it is them. */
export const startSession = async (
  tx: OperatorTx,
  { telegramId, device }: WebPerson & { readonly device: string },
  at: number,
): Promise<Pick<OpenedSession, 'session' | 'sessionToken'>> => {
  const sessionToken = randomToken(32)
  const { deviceLength, sessionMs } = WEB_SESSION_LIMITS
  const session = await insertWebSession(
    tx,
    {
      telegramId,
      tokenHash: hashSecret(sessionToken),
      device: device.slice(0, deviceLength),
      expiresAt: at + sessionMs,
    },
    at,
  )
  return { session, sessionToken }
}

/**
 * Exchanges a link's token, once, for a session on one device. Locks the link. Errors: `conflict` with
 * `page_link_unknown`, `page_link_used` or `page_link_expired`.
 */
export const openWebSession = (db: Db, token: string, device: string, at: number): Promise<OpenedSession> =>
  asOperator(db, 'sign in', async (tx) => {
    const { id, telegramId, tenantId } = requireUsable(await lockSignInLink(tx, hashSecret(token)), at)
    await saveLinkUse(tx, id, at)
    return { ...(await startSession(tx, { telegramId, device }, at)), tenantId }
  })

const lastsMs = (sessionToken: string): number =>
  isMiniAppToken(sessionToken) ? MINI_APP_LIMITS.sessionMs : WEB_SESSION_LIMITS.sessionMs

/** Whose cookie this is, and that it was used; null when it is nobody's, or its session is over. */
export const findWebSession = (db: Db, sessionToken: string, at: number): Promise<CurrentSession | null> =>
  asOperator(db, 'web session', async (tx) => {
    const session = await selectWebSession(tx, hashSecret(sessionToken), at)
    if (session !== null && at - session.lastSeenAt >= WEB_SESSION_LIMITS.touchMs)
      await saveSessionUse(tx, session.id, at + lastsMs(sessionToken), at)
    return session
  })

/** The person's sessions on all devices, last used first. */
export const listWebSessions = (db: Db, person: WebPerson, at: number): Promise<readonly WebSession[]> =>
  asOperator(db, 'web sessions of a person', (tx) => selectWebSessions(tx, person, at))

/** Signs one of the person's devices out, at once. Errors: `not_found`. */
export const endWebSession = (db: Db, person: WebPerson, id: number, at: number): Promise<void> =>
  asOperator(db, 'sign out', async (tx) => {
    if (!(await saveSessionEnd(tx, person, id, at))) throw notFound('session', id)
  })

/** Removes links and sessions that were over before `before`. Repeatable. Returns how many. */
export const removeOldSignIns = (db: Db, before: number): Promise<number> =>
  asOperator(
    db,
    'old sign-ins',
    async (tx) => (await deleteOldSignIns(tx, before)) + (await deleteOldTelegramSignIns(tx, before)),
  )

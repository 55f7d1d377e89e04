import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import { discardSession, forgetSession } from './discard-session.ts'
import {
  type LeftSession,
  deleteOldAttempts,
  endOverdue,
  endUnused,
  selectLeftSessions,
} from './login-attempt.store.ts'
import type { LoginDeps } from './login-deps.ts'
import { LOGIN_LIMITS } from './login.rules.ts'
import { useSessionAlone } from './use-session-alone.ts'

export interface ExpireDeps {
  readonly db: Db
  /** Called only when there is a session to end: the way to Telegram takes memory. */
  readonly openLogin: () => Promise<LoginDeps>
}

/** Sessions logged out in one turn; the others follow in the next. */
const BATCH = 50

/**
 * Leaves nothing half-made: ends logins whose time is over and sessions of accounts that are disconnected, logs them
 * out at Telegram and removes their keys; what Telegram cannot be asked about for a day goes without. Repeatable.
 * Returns how many logins expired, and how many sessions were removed and are left.
 */
export const expireLogins = async (
  { db, openLogin }: ExpireDeps,
  at: number,
): Promise<{ readonly expired: number; readonly removed: number; readonly left: number }> => {
  const { expired, sessions } = await asOperator(db, 'expire logins', async (tx) => {
    const expired = await endOverdue(tx, at)
    await endUnused(tx, at)
    await deleteOldAttempts(tx, at - LOGIN_LIMITS.keptMs)
    return { expired, sessions: await selectLeftSessions(tx, BATCH) }
  })
  if (sessions.length === 0) return { expired, removed: 0, left: 0 }
  const deps = await openLogin()
  let removed = 0
  for (const left of sessions) if (await endLeft(deps, left, at)) removed += 1
  return { expired, removed, left: sessions.length - removed }
}

/** Whether the session is gone. What a worker still has open is left to that worker. */
const endLeft = async (
  deps: LoginDeps,
  { tenantId, sessionId, accountId, endedAt }: LeftSession,
  at: number,
): Promise<boolean> => {
  const session = { tenantId, sessionId, apiRoot: deps.apiRoot }
  const end = async () => {
    if (await discardSession(deps, session)) return true
    if (endedAt > at - LOGIN_LIMITS.logOutTriesMs) return false
    await forgetSession(deps, session)
    return true
  }
  if (accountId === null) return end()
  return (await useSessionAlone(deps, { ...session, accountId }, end)) ?? false
}

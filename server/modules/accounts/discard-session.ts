import { inTenant } from '#server/db/tenant-scope.ts'
import type { UserSession } from '#server/gateways/telegram/user-session.ts'

import { removeUserSession } from './keep-user-sessions.ts'
import { saveSessionGone } from './login-attempt.store.ts'
import type { LoginDeps } from './login-deps.ts'

/** Removes what we hold of a session, keys and all. */
export const forgetSession = (deps: LoginDeps, { tenantId, sessionId }: UserSession): Promise<void> =>
  inTenant(deps.db, tenantId, async (tx) => {
    await removeUserSession(tx, sessionId)
    await saveSessionGone(tx, sessionId)
  })

/**
 * Logs a session out at Telegram, then removes it here. Where Telegram cannot be asked it stays, and `expireLogins`
 * tries again. Returns whether it is gone.
 */
export const discardSession = async (deps: LoginDeps, session: UserSession): Promise<boolean> => {
  const ended = await deps.login.logOut(session)
  await deps.login.release(session)
  if (ended.kind !== 'done') return false
  await forgetSession(deps, session)
  return true
}

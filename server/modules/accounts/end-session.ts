import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { LoginRefusal, TelegramLogin } from '#server/gateways/telegram/login.ts'
import type { UserSession } from '#server/gateways/telegram/user-session.ts'

import { removeUserSession } from './keep-user-sessions.ts'
import { saveSessionGone } from './login-attempt.store.ts'
import { selectSpentSessions } from './user-session.store.ts'

/** A session that is still there after its account was disconnected. */
export interface SpentSession extends UserSession {
  readonly accountId: number
}

/** Sessions to be ended, of every tenant. */
export const listSpentSessions = (db: Db): Promise<readonly SpentSession[]> =>
  asOperator(db, 'list sessions of disconnected accounts', selectSpentSessions)

/** Telegram could not be asked, or asks for patience; everything else means that the session is of no use to anybody. */
const ASK_LATER: ReadonlySet<LoginRefusal> = new Set(['unreachable', 'flood_wait'])

/**
 * Logs a disconnected account's session out at Telegram and removes its keys; one that Telegram has ended already is
 * only removed. Only for the process that holds the account's sending lease. Null when it is gone, else after how many
 * milliseconds to try again. `login` is null where the installation cannot speak as people: then the keys alone go.
 */
export const endSpentSession = async (
  deps: { readonly db: Db; readonly login: TelegramLogin | null },
  session: SpentSession,
): Promise<number | null> => {
  const ended = await deps.login?.logOut(session)
  if (ended?.kind === 'refused' && ASK_LATER.has(ended.refusal)) {
    await deps.login?.release(session)
    return Math.max(30_000, (ended.waitSeconds ?? 0) * 1_000)
  }
  await inTenant(deps.db, session.tenantId, async (tx) => {
    await removeUserSession(tx, session.sessionId)
    await saveSessionGone(tx, session.sessionId)
  })
  return null
}

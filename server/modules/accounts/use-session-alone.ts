import { MINUTE_MS } from '#server/base/duration.ts'
import { acquireLeases, listLeases, releaseLeases } from '#server/db/lease.ts'
import type { UserSession } from '#server/gateways/telegram/user-session.ts'

import type { LoginDeps } from './login-deps.ts'

/** A session that an account has or had: whoever holds the account's sending lease may have it open. */
export interface AccountSession extends UserSession {
  readonly accountId: number
}

/** Longer than any question to Telegram may take. */
const LEASE_MS = 2 * MINUTE_MS

type Deps = Pick<LoginDeps, 'db' | 'login' | 'holder'>

/**
 * Runs `work` with a session that nobody else can open meanwhile: Telegram destroys a key that two processes use. Null
 * when somebody holds the account's sending lease, this process's own worker among them.
 */
export const useSessionAlone = async <T>(
  { db, login, holder }: Deps,
  session: AccountSession,
  work: () => Promise<T>,
): Promise<T | null> => {
  const [lease] = await acquireLeases(db, 'sending', holder, [session], LEASE_MS)
  if (lease === undefined) return null
  try {
    return await work()
  } finally {
    await login.release(session)
    await releaseLeases(db, [lease])
  }
}

/** Whether the worker of this very process has the session: it can be asked through the connection that is open. */
export const hasSessionHere = async ({ db, holder }: Deps, { accountId }: AccountSession): Promise<boolean> =>
  (await listLeases(db)).some(
    (lease) => lease.accountId === accountId && lease.purpose === 'sending' && lease.holder === holder,
  )

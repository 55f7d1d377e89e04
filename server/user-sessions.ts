// People's own accounts at work: each is followed in the process that sends for it, and its session ended there.
import { type Clock, systemClock } from './base/clock.ts'
import type { Logger } from './base/logger.ts'
import { LeasedLanes } from './db/leased-lanes.ts'
import type { Db } from './db/pool.ts'
import { inTenant } from './db/tenant-scope.ts'
import { type ReceiveDeps, receiveUserUpdates } from './doors/updates/index.ts'
import type { TelegramAccount } from './gateways/telegram/telegram-account.ts'
import { type SpentSession, endSpentSession, listSpentSessions, recordAccountLost } from './modules/accounts/index.ts'
import type { UserTelegram } from './user-telegram.ts'

export interface UserSessionsDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly users: UserTelegram
  readonly count: ReceiveDeps['count']
  /** How often the session is looked at when nothing comes. */
  readonly checkEveryMs?: number
}

/**
 * Runs `work`, which sends for the account; of a person's own account, also stores meanwhile what comes in. The
 * connection is closed when both have ended: no other process may hold the lease before.
 */
export const accompanyUser =
  (deps: UserSessionsDeps) =>
  async (account: TelegramAccount, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
    const { kind, tenantId, sessionId, apiRoot } = account
    if (kind !== 'user' || sessionId === undefined) return work()
    const { login } = await deps.users.open()
    const following = followUser(deps, account, signal)
    try {
      await work()
    } finally {
      await following
      await login.release({ tenantId, sessionId, apiRoot })
    }
  }

/** Never throws: what breaks here leaves the sending alone. */
const followUser = async (deps: UserSessionsDeps, account: TelegramAccount, signal: AbortSignal): Promise<void> => {
  const { db, clock, log, checkEveryMs } = deps
  const { tenantId, accountId } = account
  try {
    const { feed } = await deps.users.open()
    const end = await feed.follow(account, {
      signal,
      deliver: (updates) => receiveUserUpdates(deps, account, updates),
      onTrouble: (what) => log.warn({ accountId, what }, 'a session has trouble'),
      ...(checkEveryMs !== undefined && { checkEveryMs }),
    })
    if (end.kind === 'stopped') return
    log.error({ accountId, reason: end.reason }, 'Telegram has ended a session')
    await inTenant(db, tenantId, (tx) => recordAccountLost(tx, accountId, end.reason, clock.now()))
  } catch (error) {
    log.error({ accountId, err: error }, 'a session could not be followed')
  }
}

/**
 * Logs out the sessions of disconnected accounts and removes their keys, each under the account's sending lease: as
 * soon as whoever used it has let go.
 */
export const createSessionEndings = (
  deps: Pick<UserSessionsDeps, 'db' | 'log' | 'users'>,
  options: { readonly holder: string; readonly lookEveryMs?: number },
) =>
  new LeasedLanes<SpentSession>({
    db: deps.db,
    log: deps.log,
    purpose: 'sending',
    ...options,
    listAccounts: () => listSpentSessions(deps.db),
    work: async (session, _lease, signal) => {
      const { accountId } = session
      const login = deps.users.isSetUp ? await deps.users.login() : null
      const againMs = await endSpentSession({ db: deps.db, login }, session)
      if (againMs === null) return deps.log.info({ accountId }, 'a session is ended and its keys are removed')
      deps.log.warn({ accountId, againMs }, 'a session could not be ended yet')
      await systemClock.sleep(againMs, signal)
    },
  })

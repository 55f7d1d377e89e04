import { AppError, notFound } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { LoginRefusal, SessionCard } from '#server/gateways/telegram/login.ts'
import { recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import type { Account } from './account.rules.ts'
import { type SealedAccount, lockAccount, saveState, selectAccounts, withoutSecrets } from './account.store.ts'
import { discardSession } from './discard-session.ts'
import { saveSessionEnd } from './login-attempt.store.ts'
import type { LinkingPerson, LoginDeps } from './login-deps.ts'
import { hasSessionHere, useSessionAlone } from './use-session-alone.ts'

/** A session of ours with somebody's own account. */
export interface OwnSession {
  readonly account: Account
  /** As Telegram shows it among the account's devices; null where Telegram could not be asked. */
  readonly card: SessionCard | null
  /** `held_elsewhere`: it works in another process, and only that one may ask about it. */
  readonly refusal: LoginRefusal | 'held_elsewhere' | null
}

/**
 * The tenant's sessions with people's own accounts, oldest first, each as Telegram knows it. Errors:
 * `forbidden/not_allowed`.
 */
export const listUserSessions = async (deps: LoginDeps, person: LinkingPerson): Promise<readonly OwnSession[]> => {
  requireCan(person.access, 'accounts.view')
  const accounts = await inTenant(deps.db, person.tenantId, selectAccounts)
  const ours = accounts.filter((account) => account.kind === 'user' && account.state !== 'disconnected')
  return Promise.all(ours.map((account) => askAboutSession(deps, account)))
}

/** Asks Telegram about the session of a person's own account, unless another process has it open. */
export const askAboutSession = async (
  deps: Pick<LoginDeps, 'db' | 'login' | 'holder'>,
  sealed: SealedAccount,
): Promise<OwnSession> => {
  const { id: accountId, tenantId, sessionId, apiRoot } = sealed
  const account = withoutSecrets(sealed)
  if (sessionId === null) return { account, card: null, refusal: 'session_lost' }
  const session = { tenantId, accountId, sessionId, apiRoot }
  const ask = () => deps.login.listSessions(session)
  const listed = (await hasSessionHere(deps, session)) ? await ask() : await useSessionAlone(deps, session, ask)
  if (listed === null) return { account, card: null, refusal: 'held_elsewhere' }
  return listed.kind === 'done'
    ? { account, card: listed.value.find(({ isOurs }) => isOurs) ?? null, refusal: null }
    : { account, card: null, refusal: listed.refusal }
}

/**
 * Ends our session with somebody's own account at once: nothing is sent through it from then on, it is logged out at
 * Telegram and its keys are removed. A worker that has it open lets go first and does that part; where Telegram cannot
 * be asked now, `expireLogins` does. Audited. Errors: `forbidden/not_allowed`, `not_found`, `conflict/account_state`
 * when it is over already.
 */
export const endUserSession = async (deps: LoginDeps, accountId: number, person: LinkingPerson): Promise<void> => {
  requireCan(person.access, 'accounts.disconnect')
  const { tenantId, by, at } = person
  const session = await inTenant(deps.db, tenantId, async (tx) => {
    const account = await lockAccount(tx, accountId)
    if (!account || account.kind !== 'user') throw notFound('account', accountId)
    const { state, sessionId, apiRoot } = account
    if (state === 'disconnected' || sessionId === null) {
      throw new AppError('conflict', 'account_state', { id: accountId, state, wanted: 'disconnected' })
    }
    await saveState(tx, accountId, 'disconnected', 'disconnected_by_member')
    await saveSessionEnd(tx, sessionId, 'disconnected', at)
    const target = `account:${accountId}`
    await recordAudit(tx, {
      tenantId,
      actor: by,
      action: 'account.disconnected',
      target,
      detail: { by: 'session' },
      at,
    })
    return { tenantId, accountId, sessionId, apiRoot }
  })
  await useSessionAlone(deps, session, () => discardSession(deps, session))
}

import { AppError, notFound } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import {
  type AccountCheck,
  type CheckFinding,
  CHECK_IDS,
  finding,
  ownerFinding,
  profileFindings,
  rightsFinding,
  sessionFinding,
  startLinkOf,
  stateFinding,
  updatesFinding,
} from './account-check.rules.ts'
import { findAccountOwner } from './account-owner.store.ts'
import { type SealedAccount, selectAccount } from './account.store.ts'
import type { AccountsDeps } from './accounts-deps.ts'
import { askAboutSession } from './list-user-sessions.ts'
import { openSealed } from './open-account.ts'

/**
 * Looks whether a linked account works: asks Telegram about a bot (token, updates, groups, privacy, business), reads the
 * rights of a business account, and asks about the session of a person's own unless another process has it open. Nobody is
 * written to. Where Telegram cannot be asked a finding is `unknown`. Errors: `not_found`, `internal/secret_unreadable`.
 */
export const checkAccount = async (
  deps: Pick<AccountsDeps, 'db' | 'box' | 'feed' | 'publicUrl' | 'users'>,
  tenantId: number,
  id: number,
  at: number,
): Promise<AccountCheck> => {
  const found = await inTenant(deps.db, tenantId, async (tx) => {
    const account = await selectAccount(tx, { id })
    return account && { account, owner: await findAccountOwner(tx, id) }
  })
  if (!found) throw notFound('account', id)
  const { account, owner } = found
  const findings = [
    stateFinding(account),
    ...(account.kind === 'bot' ? await checkBot(deps, account, at) : []),
    ...(account.kind === 'business' ? [rightsFinding(account.businessRights)] : []),
    ...(account.kind === 'user' ? [await checkUser(deps, account)] : []),
    ...(owner || (account.kind === 'bot' && account.ownerTelegramId === null && account.purpose === 'contacts')
      ? [ownerFinding(account.ownerTelegramId, owner?.reachability ?? null)]
      : []),
  ].toSorted((a, b) => CHECK_IDS.indexOf(a.id) - CHECK_IDS.indexOf(b.id))
  const mustStart = findings.some(({ code }) => code === 'owner_not_started' || code === 'owner_unreachable')
  return {
    accountId: id,
    kind: account.kind,
    checkedAt: at,
    isWorking: findings.every(({ state }) => state !== 'fault'),
    findings,
    startLink: mustStart && account.username !== null ? startLinkOf(account.username) : null,
  }
}

const checkBot = async (
  { box, feed, publicUrl }: Pick<AccountsDeps, 'box' | 'feed' | 'publicUrl'>,
  account: SealedAccount,
  at: number,
): Promise<readonly CheckFinding[]> => {
  const open = openSealed(box, account)
  const profile = profileFindings(await feed.validateToken(open))
  // A refused token has no updates either, and Telegram would only say the same again.
  if (profile.length === 1) return profile
  const ownUrl = publicUrl === null ? null : `${publicUrl}/telegram/${account.webhookKey}`
  return [...profile, updatesFinding(account, await feed.getWebhook(open), ownUrl, at)]
}

const checkUser = async (
  { db, users }: Pick<AccountsDeps, 'db' | 'users'>,
  account: SealedAccount,
): Promise<CheckFinding> => {
  if (account.sessionId === null) return finding('session', 'session_lost')
  if (!users) return finding('session', 'session_kept')
  try {
    const { holder } = users
    const { refusal } = await askAboutSession({ db, login: await users.login(), holder }, account)
    return sessionFinding(refusal)
  } catch (error) {
    if (error instanceof AppError && error.code === 'user_accounts_off') return finding('session', 'user_accounts_off')
    throw error
  }
}

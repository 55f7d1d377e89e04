import { notFound } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import {
  type AccountCheck,
  type CheckFinding,
  CHECK_IDS,
  finding,
  ownerFinding,
  profileFindings,
  rightsFinding,
  startLinkOf,
  stateFinding,
  updatesFinding,
} from './account-check.rules.ts'
import { findAccountOwner } from './account-owner.store.ts'
import { type SealedAccount, selectAccount } from './account.store.ts'
import type { AccountsDeps } from './accounts-deps.ts'
import { openSealed } from './open-account.ts'

/**
 * Looks whether a linked account works: asks Telegram about a bot (token, updates, groups, privacy, business), reads the
 * rights of a business account and the session of a person's own. Nobody is written to. Where Telegram cannot be asked a
 * finding is `unknown`. Errors: `not_found`, `internal/secret_unreadable`.
 */
export const checkAccount = async (
  deps: Pick<AccountsDeps, 'db' | 'box' | 'feed' | 'publicUrl'>,
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
    ...(account.kind === 'user'
      ? [finding('session', account.sessionId === null ? 'session_lost' : 'session_kept')]
      : []),
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

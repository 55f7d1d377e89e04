import { AppError } from '#server/base/errors.ts'
import { equalSecrets } from '#server/base/secret.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { TokenRecovery } from '#server/gateways/telegram/heal-sender.ts'

import { type SealedAccount, lockAccount, selectAccount } from './account.store.ts'
import type { AccountsDeps } from './accounts-deps.ts'
import { askManager } from './ask-managing-bot.ts'
import { openSealed } from './open-account.ts'
import { keepToken } from './rotate-bot-token.ts'

/**
 * Telegram refused `failedToken`: looks whether the account has another one by now, and asks the manager of a managed
 * bot, before the account is given up. Heals a rotation that died half-way, and an owner who revoked in BotFather.
 */
export const recoverToken = async (
  deps: AccountsDeps,
  account: { readonly tenantId: number; readonly accountId: number },
  failedToken: string,
  at: number,
): Promise<TokenRecovery> => {
  const sealed = await inTenant(deps.db, account.tenantId, (tx) => selectAccount(tx, { id: account.accountId }))
  if (sealed?.kind !== 'bot' || sealed.state === 'disconnected') return 'lost'
  if (!holds(deps, sealed, failedToken)) return 'recovered'
  if (sealed.linkedBy !== 'managed' || sealed.viaAccountId === null) return 'lost'
  const fresh = await fetchToken(deps, sealed, sealed.viaAccountId)
  if (fresh === null) return 'later'
  if (fresh === 'refused' || equalSecrets(fresh.token, failedToken)) return 'lost'
  return inTenant(deps.db, sealed.tenantId, async (tx) => {
    const locked = await lockAccount(tx, sealed.id)
    if (!locked || locked.state === 'disconnected') return 'lost'
    // Somebody else has kept another one meanwhile.
    if (holds(deps, locked, failedToken))
      await keepToken(deps, tx, locked, fresh.token, { by: 'system', at, action: 'account.token_recovered' })
    return 'recovered'
  })
}

const holds = (deps: AccountsDeps, account: SealedAccount, token: string): boolean =>
  equalSecrets(openSealed(deps.box, account).token, token)

/** Null when Telegram could not be asked. */
const fetchToken = async (
  deps: AccountsDeps,
  account: SealedAccount,
  managerId: number,
): Promise<{ readonly token: string } | 'refused' | null> => {
  try {
    const answer = await askManager(deps, managerId, (bots, manager) => bots.getToken(manager, account.telegramId))
    if (answer.kind === 'done') return { token: answer.value }
    return answer.kind === 'retry' || answer.kind === 'unknown' ? null : 'refused'
  } catch (error) {
    if (error instanceof AppError && error.code === 'manager_unusable') return 'refused'
    throw error
  }
}

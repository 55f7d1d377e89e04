import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type Account, checkBotToken, tokenContext } from './account.rules.ts'
import { type SealedAccount, lockAccount, saveToken, selectAccount, withoutSecrets } from './account.store.ts'
import type { AccountsDeps, Actor } from './accounts-deps.ts'
import { askWhoseToken } from './add-account.ts'
import { askManager, managerRefusal } from './ask-managing-bot.ts'

/**
 * Gives a bot account another token. A managed bot gets a new one from Telegram, sealed in one step: the old one is
 * refused at once, and should we die before the new one is kept, {@link recoverToken} fetches it. For a bot whose token
 * was pasted, `token` is the one BotFather gives after /revoke. Audited, emits `account.token_changed`. Errors:
 * `not_found`, `conflict/account_state`, `invalid` with `token_not_applicable`, `token_needed`, `token_of_other_bot`,
 * `bot_token_format` or `bot_token_refused`, and those of asking the manager.
 */
export const rotateBotToken = async (
  deps: AccountsDeps,
  tenantId: number,
  id: number,
  actor: Actor,
  token?: string,
): Promise<Account> => {
  const account = await inTenant(deps.db, tenantId, (tx) => selectAccount(tx, { id }))
  if (!account) throw notFound('account', id)
  if (account.kind !== 'bot') throw invalid('token_not_applicable', 'account', { kind: account.kind })
  if (account.state === 'disconnected')
    throw new AppError('conflict', 'account_state', { id, state: account.state, wanted: 'active' })
  const next =
    account.linkedBy === 'managed' ? await replaceManaged(deps, account) : await checkPasted(deps, account, token)
  return inTenant(deps.db, tenantId, async (tx) => {
    const locked = await lockAccount(tx, id)
    if (!locked) throw notFound('account', id)
    await keepToken(deps, tx, locked, next, { ...actor, action: 'account.token_rotated' })
    return withoutSecrets(locked)
  })
}

const replaceManaged = async (deps: AccountsDeps, account: SealedAccount): Promise<string> => {
  const managerId = account.viaAccountId ?? 0
  const answer = await askManager(deps, managerId, (bots, manager) => bots.replaceToken(manager, account.telegramId))
  if (answer.kind !== 'done') throw managerRefusal(answer, managerId)
  return checkBotToken(answer.value)
}

const checkPasted = async (deps: AccountsDeps, account: SealedAccount, given: string | undefined): Promise<string> => {
  if (given === undefined) throw invalid('token_needed', 'token')
  const token = checkBotToken(given)
  const { telegramId } = await askWhoseToken(deps, token, account.apiRoot)
  if (telegramId !== account.telegramId) throw invalid('token_of_other_bot', 'token')
  return token
}

/** Seals a token for the account, in the caller's transaction, which has locked it. */
export const keepToken = async (
  deps: Pick<AccountsDeps, 'box'>,
  tx: TenantTx,
  account: SealedAccount,
  token: string,
  { by, at, action }: Actor & { readonly action: string },
): Promise<void> => {
  await saveToken(tx, account.id, deps.box.seal(token, tokenContext(account.tenantId, account.telegramId)))
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action, target: `account:${account.id}`, at })
  await emitEvents(tx, at, [{ type: 'account.token_changed', payload: { accountId: account.id } }])
}

/**
 * Makes the token of a managed bot that was let go worthless; the new one is thrown away. A bot that is gone, or managed
 * by somebody else, is left alone. Errors: `unavailable/token_not_revoked`.
 */
export const revokeManagedToken = async (deps: AccountsDeps, account: SealedAccount): Promise<void> => {
  const { viaAccountId, telegramId, id } = account
  if (viaAccountId === null) return
  const refused = (reason: string) => new AppError('unavailable', 'token_not_revoked', { id, reason })
  try {
    const answer = await askManager(deps, viaAccountId, (bots, manager) => bots.replaceToken(manager, telegramId))
    if (answer.kind === 'retry' || answer.kind === 'unknown') throw refused(answer.reason)
  } catch (error) {
    // A manager that is gone can neither give a token out nor take one back.
    if (!(error instanceof AppError && error.code === 'manager_unusable')) throw error
  }
}

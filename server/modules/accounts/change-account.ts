import type { AccountState } from '#contract/words.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { checkSwitchReason, recordAudit } from '#server/modules/tenancy/index.ts'

import { lockAccount, saveSendingStop, saveState, saveStateReason, withoutSecrets } from './account.store.ts'
import type { Account } from './account.rules.ts'
import type { AccountsDeps, Actor } from './accounts-deps.ts'
import { requireRoomToWork } from './fit-accounts.ts'
import { endAccountsVia } from './follow-carrier.ts'
import { openSealed } from './open-account.ts'
import { revokeManagedToken } from './rotate-bot-token.ts'

const changeState = async (
  tx: TenantTx,
  id: number,
  change: {
    readonly from: readonly AccountState[]
    readonly to: AccountState
    readonly reason: string | null
    readonly action: string
  },
  { by, at }: Actor,
): Promise<Account> => {
  const account = await lockAccount(tx, id)
  if (!account) throw notFound('account', id)
  if (!change.from.includes(account.state)) {
    throw new AppError('conflict', 'account_state', { id, state: account.state, wanted: change.to })
  }
  await saveState(tx, id, change.to, change.reason)
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: change.action, target: `account:${id}`, at })
  return withoutSecrets({ ...account, state: change.to, stateReason: change.reason })
}

/** Stops updates and sends of an account until it is resumed; what is planned waits. Errors: `not_found`, `conflict/account_state`. */
export const pauseAccount = (tx: TenantTx, id: number, reason: string, actor: Actor): Promise<Account> =>
  changeState(
    tx,
    id,
    { from: ['active', 'paused'], to: 'paused', reason: checkSwitchReason(reason), action: 'account.paused' },
    actor,
  )

/**
 * Lets a paused account work again, where the package has room for one more. A disconnected one needs its token again:
 * `addAccount`. Errors: as {@link pauseAccount}, `limit_reached/accounts_working`.
 */
export const resumeAccount = async (tx: TenantTx, id: number, actor: Actor): Promise<Account> => {
  await requireRoomToWork(tx, id)
  const change = { from: ['paused', 'active'], to: 'active', reason: null, action: 'account.resumed' } as const
  return changeState(tx, id, change, actor)
}

/**
 * Ends the link between tenant and bot: the webhook is taken back at Telegram where that is possible, a managed bot's
 * token is made worthless, the business accounts that speak through a bot rest with it, and the account works no more.
 * A business connection itself only its owner can end, in Telegram: until then nothing it brings is taken. What it sent and whom it knows stays. Repeatable. Errors:
 * `not_found`; `unavailable/token_not_revoked` when Telegram could not be asked, with the account disconnected by then.
 */
export const disconnectAccount = async (
  deps: AccountsDeps,
  tenantId: number,
  id: number,
  actor: Actor,
): Promise<Account> => {
  const { shown, account } = await inTenant(deps.db, tenantId, async (tx) => {
    const sealed = await lockAccount(tx, id)
    if (!sealed) throw notFound('account', id)
    const change = {
      from: ['active', 'paused', 'disconnected'],
      to: 'disconnected',
      reason: 'disconnected_by_member',
      action: 'account.disconnected',
    } as const
    return { shown: await changeState(tx, id, change, actor), account: sealed }
  })
  // A token that no longer works cannot take its webhook back, and then there is nothing to take back either.
  if (account.updateMode === 'webhook') await deps.feed.deleteWebhook(openSealed(deps.box, account))
  if (account.kind === 'bot') await endAccountsVia(deps.db, id, actor.at)
  if (account.linkedBy === 'managed') await revokeManagedToken(deps, account)
  return shown
}

/** Notes something about an active account that its owner should know, such as `polled_elsewhere`; null clears it. */
export const noteAccountState = (tx: TenantTx, id: number, reason: string | null): Promise<void> =>
  saveStateReason(tx, id, reason)

/** Stops every send through one account, replies included. Audited. Errors: `not_found`, `invalid/text_length`. */
export const stopAccountSending = async (
  tx: TenantTx,
  id: number,
  reason: string,
  { by, at }: Actor,
): Promise<void> => {
  const text = checkSwitchReason(reason)
  if (!(await saveSendingStop(tx, id, { at, reason: text }))) throw notFound('account', id)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'sending.stopped',
    target: `account:${id}`,
    detail: { reason: text },
    at,
  })
}

/** Lets the account send again. Audited. Errors: `not_found`. */
export const resumeAccountSending = async (tx: TenantTx, id: number, { by, at }: Actor): Promise<void> => {
  if (!(await saveSendingStop(tx, id, null))) throw notFound('account', id)
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'sending.resumed', target: `account:${id}`, at })
}

import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findAllowance, lockSubscription } from '#server/modules/billing/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { saveState, selectAccounts } from './account.store.ts'

/** Why an account beyond the package rests; a word of `words:reason`. */
const OVER_PACKAGE = 'over_package_limit'

/**
 * Brings the working accounts in step with the package: those linked first go on, those beyond its number are paused
 * with the reason `over_package_limit`, and such a pause ends when there is room again. Nothing is removed, and what
 * people paused stays paused. Repeatable. Locks the subscription. Returns how many were paused and resumed.
 */
export const fitAccountsToPackage = async (
  tx: TenantTx,
  at: number,
): Promise<{ readonly paused: number; readonly resumed: number }> => {
  await lockSubscription(tx)
  const allowed = (await findAllowance(tx, 'accounts')) ?? Number.POSITIVE_INFINITY
  const linked = (await selectAccounts(tx))
    .filter((account) => account.state === 'active' || account.stateReason === OVER_PACKAGE)
    .filter((account) => account.state !== 'disconnected' && account.purpose === 'contacts')
    .toSorted((a, b) => a.linkedAt - b.linkedAt || a.id - b.id)
  const over = linked.slice(allowed === Number.POSITIVE_INFINITY ? linked.length : allowed)
  const toPause = over.filter((account) => account.state === 'active')
  const toResume = linked.filter((account) => account.state === 'paused' && !over.includes(account))
  for (const { id } of toPause) await saveState(tx, id, 'paused', OVER_PACKAGE)
  for (const { id } of toResume) await saveState(tx, id, 'active', null)
  for (const [action, accounts] of [
    ['account.paused', toPause],
    ['account.resumed', toResume],
  ] as const) {
    for (const { id } of accounts) {
      const detail = { reason: OVER_PACKAGE }
      await recordAudit(tx, { tenantId: tx.tenantId, actor: 'system', action, target: `account:${id}`, detail, at })
    }
  }
  return { paused: toPause.length, resumed: toResume.length }
}

/** Errors: `limit_reached/accounts_working` when as many accounts work as the package allows. Locks the subscription. */
export const requireRoomToWork = async (tx: TenantTx, id: number): Promise<void> => {
  const { package: name } = await lockSubscription(tx)
  const limit = await findAllowance(tx, 'accounts')
  if (limit === null) return
  const working = (await selectAccounts(tx)).filter(
    (account) => account.state === 'active' && account.purpose === 'contacts' && account.id !== id,
  )
  if (working.length >= limit)
    throw new AppError('limit_reached', 'accounts_working', { limit, used: working.length, package: name })
}

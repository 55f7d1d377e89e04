import type { Db } from '#server/db/pool.ts'
import { asOperator, withinTenant } from '#server/db/tenant-scope.ts'

import { selectAccount, selectAccounts } from './account.store.ts'
import { type BusinessDeps, linkBusinessAccount } from './apply-business-connection.ts'
import { selectConnections } from './business.store.ts'
import { recordAccountLost } from './record-account-lost.ts'

/** Why a business account rests whose bot works no more. */
const CARRIER_GONE = 'carrier_disconnected'
/** What a send through such a bot may have found out first. */
const BOT_REASONS: ReadonlySet<string | null> = new Set([CARRIER_GONE, 'token_revoked', 'token_malformed'])

/**
 * Disconnects the business accounts, of any tenants, that speak through a bot which works no more; emits `account.lost`
 * for each. Nothing for a bot that works. Repeatable.
 */
export const endAccountsVia = (db: Db, viaAccountId: number, at: number): Promise<void> =>
  asOperator(db, 'end the business accounts of a bot', async (tx) => {
    const via = await selectAccount(tx, { id: viaAccountId })
    if (via?.state !== 'disconnected') return
    for (const account of await selectAccounts(tx)) {
      if (account.kind !== 'business' || account.viaAccountId !== viaAccountId) continue
      await withinTenant(tx, account.tenantId, (own) => recordAccountLost(own, account.id, CARRIER_GONE, at))
    }
  })

/** Brings back what {@link endAccountsVia} ended, once the bot is linked again and the connections are still on. Repeatable. */
export const resumeAccountsVia = (deps: BusinessDeps, viaAccountId: number, at: number): Promise<void> =>
  asOperator(deps.db, 'resume the business accounts of a bot', async (tx) => {
    const via = await selectAccount(tx, { id: viaAccountId })
    if (via?.kind !== 'bot' || via.state !== 'active') return
    const resting = (await selectAccounts(tx)).filter(
      (account) => account.viaAccountId === viaAccountId && BOT_REASONS.has(account.stateReason),
    )
    for (const connection of await selectConnections(tx, { viaAccountId })) {
      const account = resting.find(({ telegramId }) => telegramId === connection.ownerTelegramId)
      if (!account) continue
      const link = { via, connection, wasEnabled: true }
      await withinTenant(tx, account.tenantId, (own) => linkBusinessAccount(deps, own, link, { by: 'system', at }))
    }
  })

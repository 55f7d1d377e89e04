import { AppError, notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { listMemberships } from '#server/modules/tenancy/index.ts'

import type { Account } from './account.rules.ts'
import { lockAccount, selectAccount, selectAccounts, withoutSecrets } from './account.store.ts'
import type { Actor } from './accounts-deps.ts'
import { type BusinessDeps, hasRoom, linkBusinessAccount } from './apply-business-connection.ts'
import { type WaitingConnection, chooseTenant } from './business.rules.ts'
import { type StoredConnection, lockConnection, saveUnlinkedReason, selectConnections } from './business.store.ts'

/**
 * Connections this tenant may take as its own: those that wait at its own bots, and those at the panel's bot whose owner
 * is an owner or administrator of the tenant. Oldest first.
 */
export const listWaitingConnections = (db: Db, tenantId: number): Promise<readonly WaitingConnection[]> =>
  asOperator(db, 'list waiting business connections', async (tx) => {
    const found: WaitingConnection[] = []
    for (const connection of await selectConnections(tx, { isWaiting: true })) {
      const { unlinkedReason: reason } = connection
      if (reason !== null && (await mayTake(tx, tenantId, connection))) found.push({ ...connection, reason })
    }
    return found
  })

const mayTake = async (tx: OperatorTx, tenantId: number, connection: StoredConnection): Promise<boolean> => {
  const via = await selectAccount(tx, { id: connection.viaAccountId })
  if (!via) return false
  if (via.purpose === 'contacts') return via.tenantId === tenantId
  const { ownerTelegramId } = connection
  const memberships = (await listMemberships(tx, ownerTelegramId)).filter((member) => member.tenantId === tenantId)
  return 'tenantId' in chooseTenant({ via, ownerTelegramId, memberships, awaitingTenantId: null })
}

/**
 * Links business accounts that were refused because the package was full, the longest waiting first, while there is
 * room: their connections are still on. Emits `account.linked` for each. Repeatable. Returns how many.
 */
export const linkRefusedBusinessAccounts = (
  deps: Pick<BusinessDeps, 'db' | 'box'>,
  tenantId: number,
  at: number,
): Promise<number> =>
  asOperator(deps.db, 'link refused business accounts', async (tx) => {
    const refused = (await selectAccounts(tx))
      .filter((account) => account.tenantId === tenantId && account.kind === 'business')
      .filter(({ state, stateReason }) => state === 'disconnected' && stateReason === 'over_package_limit')
      .toSorted((a, b) => a.id - b.id)
    let linked = 0
    for (const { viaAccountId, telegramId } of refused) {
      if (viaAccountId === null) continue
      const connection = await lockConnection(tx, viaAccountId, telegramId)
      const via = await selectAccount(tx, { id: viaAccountId })
      if (!connection?.isEnabled || via?.state !== 'active') continue
      const hasLinked = await withinTenant(tx, tenantId, async (own) => {
        if (!(await hasRoom(own, at))) return false
        return (
          (await linkBusinessAccount(deps, own, { via, connection, wasEnabled: true }, { by: 'system', at })) !== null
        )
      })
      if (hasLinked) linked += 1
    }
    return linked
  })

/**
 * Makes a connection that waits, or whose account a member had ended, an account of the tenant. Emits `account.linked`.
 * Errors: `not_found` for one the tenant may not take, `conflict/account_linked_elsewhere`, `limit_reached/accounts`.
 */
export const linkBusinessConnection = (
  deps: BusinessDeps,
  input: { readonly tenantId: number; readonly viaAccountId: number; readonly ownerTelegramId: number },
  actor: Actor,
): Promise<Account> =>
  asOperator(deps.db, 'link a business connection', async (tx) => {
    const { tenantId, viaAccountId, ownerTelegramId } = input
    const connection = await lockConnection(tx, viaAccountId, ownerTelegramId)
    const via = await selectAccount(tx, { id: viaAccountId })
    if (!connection?.isEnabled || !via || !(await mayTake(tx, tenantId, connection)))
      throw notFound('business connection', ownerTelegramId)
    const account = await withinTenant(tx, tenantId, async (own) => {
      const id = await linkBusinessAccount(deps, own, { via, connection, wasEnabled: true }, actor)
      return id === null ? null : lockAccount(own, id)
    })
    if (!account)
      throw new AppError('conflict', 'account_linked_elsewhere', { field: 'connection', telegramId: ownerTelegramId })
    await saveUnlinkedReason(tx, connection, null)
    return withoutSecrets(account)
  })

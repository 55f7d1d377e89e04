import { inTenant, withinTenant } from '#server/db/tenant-scope.ts'
import { type Account, listAccounts } from '#server/modules/accounts/index.ts'
import { createPersonaFromPackage } from '#server/modules/conversations/index.ts'

import { applyMove, changing } from './change-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { type Onboarding, next } from './onboarding.rules.ts'
import { lockOnboarding } from './onboarding.store.ts'

/** Accounts that could be the one an onboarding waits for. */
const listFitting = (accounts: readonly Account[]): readonly Account[] =>
  accounts.filter((account) => account.purpose === 'contacts' && account.state !== 'disconnected')

/**
 * An account of the tenant was linked: an onboarding that waits for one gives it its profile in the same transaction and
 * goes on. Any other tenant, and any other step, is left as it is. Repeatable. Returns the onboarding that moved.
 */
export const advanceOnLinkedAccount = async (
  deps: OnboardingDeps,
  { tenantId, accountId }: { readonly tenantId: number; readonly accountId: number },
  at: number,
): Promise<Onboarding | null> =>
  changing(deps, async (tx, journal) => {
    const before = await lockOnboarding(tx, { tenantId })
    if (!before || before.package === null) return null
    const command = { kind: 'account_linked' } as const
    const decision = next(before, command)
    if (decision.kind !== 'move') return null
    const { package: name, locale } = before
    const account = await withinTenant(tx, tenantId, async (inner) => {
      const found = listFitting(await listAccounts(inner)).find(({ id }) => id === accountId)
      if (found)
        await createPersonaFromPackage(inner, { accountId, package: name, locale, displayName: found.displayName }, at)
      return found
    })
    if (!account) return null
    const columns = { account_id: accountId, link_way: account.linkedBy }
    return applyMove(tx, journal, before, decision, { command, at, surface: null, columns })
  })

/** An account that is there already is taken up at once: the word of its linking has passed. */
export const catchUpWithAccount = async (deps: OnboardingDeps, row: Onboarding, at: number): Promise<Onboarding> => {
  const { tenantId } = row
  if (row.state !== 'account_connecting' || tenantId === null) return row
  const [account] = listFitting(await inTenant(deps.db, tenantId, (tx) => listAccounts(tx)))
  if (!account) return row
  return (await advanceOnLinkedAccount(deps, { tenantId, accountId: account.id }, at)) ?? row
}

/** The account an onboarding was about to begin with is gone: another one is waited for. Repeatable. */
export const advanceOnLostAccount = async (
  deps: OnboardingDeps,
  { tenantId, accountId }: { readonly tenantId: number; readonly accountId: number },
  at: number,
): Promise<void> =>
  changing(deps, async (tx, journal) => {
    const before = await lockOnboarding(tx, { tenantId })
    if (!before || before.accountId !== accountId) return
    const command = { kind: 'account_lost' } as const
    const decision = next(before, command)
    if (decision.kind !== 'move') return
    const columns = { account_id: null, link_way: null }
    await applyMove(tx, journal, before, decision, { command, at, surface: null, columns })
  })

import { toDate } from '#server/base/clock.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { disconnectAccount, listAccounts } from '#server/modules/accounts/index.ts'
import { listPayments } from '#server/modules/billing/index.ts'
import { removeTenant } from '#server/modules/tenancy/index.ts'
import { inTenant, withinTenant } from '#server/db/tenant-scope.ts'

import type { OnboardingDeps } from './onboarding-deps.ts'
import { hasEnded } from './onboarding.rules.ts'
import { lockOnboarding, selectOnboarding, updateOnboarding } from './onboarding.store.ts'

/**
 * Takes back what an onboarding that ended has half-made: its accounts are disconnected, and its tenant is removed whole
 * where no order and no account names it. Otherwise the tenant stays, suspended: money may still arrive under a
 * reference that was shown, and the audit log names what was linked. Cut off in between, it is done again by the duty.
 */
export const clearOnboarding = async (deps: OnboardingDeps, onboardingId: number, at: number): Promise<void> => {
  const row = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: onboardingId }))
  if (!row || row.clearedAt !== null || !hasEnded(row.state) || row.isPaid) return
  const { tenantId } = row
  const accounts = tenantId === null ? [] : await inTenant(deps.db, tenantId, (tx) => listAccounts(tx))
  for (const { id, state, tenantId: owner } of accounts)
    if (state !== 'disconnected') await disconnectAccount(deps.accounts, owner, id, { by: 'system', at })
  await asOperator(deps.db, 'onboarding', async (tx) => {
    const locked = await lockOnboarding(tx, { id: onboardingId })
    // Money came in meanwhile, and it goes on.
    if (!locked || locked.clearedAt !== null || !hasEnded(locked.state) || locked.isPaid) return
    await updateOnboarding(tx, onboardingId, { cleared_at: toDate(at), name: null, account_id: null, payment_id: null })
    if (tenantId === null) return
    const isNamed = await withinTenant(
      tx,
      tenantId,
      async (inner) => (await listPayments(inner, {}, 1)).length > 0 || (await listAccounts(inner)).length > 0,
    )
    if (!isNamed) await removeTenant(tx, tenantId, { by: 'system', at })
  })
}

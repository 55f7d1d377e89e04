import type { OnboardingSurface } from '#contract/words.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { disconnectAccount } from '#server/modules/accounts/index.ts'

import { type OnboardingOwner, applyMove, changing, decide, lockOwn } from './change-onboarding.ts'
import { clearOnboarding } from './clear-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { selectOnboarding } from './onboarding.store.ts'
import { type OnboardingView, presentOnboarding } from './view-onboarding.ts'

export type PersonalStep = OnboardingOwner & { readonly surface: OnboardingSurface }

/**
 * Ends the onboarding at the person's wish and takes everything half-made back: see `clearOnboarding`. Cancelling again
 * changes nothing. Errors: `not_found`, `conflict/onboarding_paid` once money came in, `conflict/onboarding_over`.
 */
export const cancelOnboarding = async (
  deps: OnboardingDeps,
  step: PersonalStep,
  at: number,
): Promise<OnboardingView> => {
  const command = { kind: 'cancel' } as const
  const row = await changing(deps, async (tx, journal) => {
    const before = await lockOwn(tx, step, at)
    const decision = decide(before, command)
    return decision.kind === 'keep'
      ? before
      : applyMove(tx, journal, before, decision, { command, at, surface: step.surface })
  })
  await clearOnboarding(deps, row.id, at)
  const after = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: row.id }))
  return presentOnboarding(deps, after ?? row, { surface: step.surface })
}

/**
 * Goes back one step: from the account to the package (a trial), from the order to the package, from the profile to the
 * account, which is disconnected. An open order is closed, a claim withdrawn. Errors: `not_found`, `conflict` with
 * `onboarding_step`, `onboarding_paid` or `onboarding_over`.
 */
export const stepBack = async (deps: OnboardingDeps, step: PersonalStep, at: number): Promise<OnboardingView> => {
  const command = { kind: 'step_back' } as const
  await disconnectBefore(deps, step, at)
  const row = await changing(deps, async (tx, journal) => {
    const before = await lockOwn(tx, step, at)
    const decision = decide(before, command)
    return decision.kind === 'keep'
      ? before
      : applyMove(tx, journal, before, decision, { command, at, surface: step.surface })
  })
  return presentOnboarding(deps, row, { surface: step.surface })
}

/** Before the step is written: cut off in between, the check finds the account gone, and asking again is right. */
const disconnectBefore = async (deps: OnboardingDeps, step: PersonalStep, at: number): Promise<void> => {
  const target = await asOperator(deps.db, 'onboarding', async (tx) => {
    const row = await lockOwn(tx, step, at)
    const { tenantId, accountId } = row
    return row.state === 'profile_created' && tenantId !== null && accountId !== null ? { tenantId, accountId } : null
  })
  if (target)
    await disconnectAccount(deps.accounts, target.tenantId, target.accountId, {
      by: `telegram:${step.telegramId}`,
      at,
    })
}

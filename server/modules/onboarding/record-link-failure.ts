import type { OnboardingSurface } from '#contract/words.ts'
import { asOperator } from '#server/db/tenant-scope.ts'

import { type OnboardingOwner, applyMove, changing, lockOwn } from './change-onboarding.ts'
import { clearOnboarding } from './clear-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { hasEnded, next } from './onboarding.rules.ts'
import { selectOnboarding } from './onboarding.store.ts'
import { type OnboardingView, presentOnboarding } from './view-onboarding.ts'

/**
 * Counts one try to link an account that went wrong (a refused token, a wrong code). At the tenth the onboarding has
 * failed: a trial is taken back, what was paid for stays and is linked with support. Errors: `not_found`,
 * `conflict/onboarding_late`.
 */
export const recordLinkFailure = async (
  deps: OnboardingDeps,
  step: OnboardingOwner & { readonly surface: OnboardingSurface },
  at: number,
): Promise<OnboardingView> => {
  const command = { kind: 'link_failed' } as const
  const row = await changing(deps, async (tx, journal) => {
    const before = await lockOwn(tx, step, at)
    const decision = next(before, command)
    return decision.kind === 'move'
      ? applyMove(tx, journal, before, decision, { command, at, surface: step.surface })
      : before
  })
  if (hasEnded(row.state)) await clearOnboarding(deps, row.id, at)
  const after = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: row.id }))
  return presentOnboarding(deps, after ?? row, { surface: step.surface })
}

import type { OnboardingSurface } from '#contract/words.ts'
import { withinTenant } from '#server/db/tenant-scope.ts'
import { claimPayment, getPayment } from '#server/modules/billing/index.ts'

import { type OnboardingOwner, applyMove, changing, decide, lockOwn } from './change-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { type OnboardingView, presentOnboarding } from './view-onboarding.ts'

export interface OnboardingClaim extends OnboardingOwner {
  readonly surface: OnboardingSurface
  /** What shows it, one of both at least: a text of up to 2000 characters, a file's id. */
  readonly evidenceText?: string | null
  readonly evidenceFileId?: string | null
}

/**
 * "I have paid": puts the person's open transfer into the operators' queue; nothing begins yet. Said twice, it counts
 * once. Errors: `not_found`, those of a step and of `claimPayment`, `limit_reached/onboarding_attempts` after the third
 * claim that was not believed.
 */
export const claimOnboardingPayment = async (
  deps: OnboardingDeps,
  claim: OnboardingClaim,
  at: number,
): Promise<OnboardingView> => {
  const { surface, evidenceText = null, evidenceFileId = null } = claim
  const row = await changing(deps, async (tx, journal) => {
    const before = await lockOwn(tx, claim, at)
    const command = { kind: 'claim' } as const
    const decision = decide(before, command)
    const { tenantId, paymentId } = before
    if (decision.kind === 'keep' || tenantId === null || paymentId === null) return before
    const by = `telegram:${before.telegramId}`
    await withinTenant(tx, tenantId, async (inner) => {
      const { reference } = await getPayment(inner, { id: paymentId })
      await claimPayment(inner, { reference, by, evidenceText, evidenceFileId, at })
    })
    return applyMove(tx, journal, before, decision, { command, at, surface })
  })
  return presentOnboarding(deps, row, { surface })
}

import { notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import type { Onboarding, OnboardingEventName } from './onboarding.rules.ts'
import {
  type OnboardingFilter,
  type OnboardingStep,
  selectEvents,
  selectOnboarding,
  selectOnboardings,
  selectSteps,
} from './onboarding.store.ts'

/** Newest first, at most `limit` (1–200). For operators. */
export const listOnboardings = (
  tx: OperatorTx,
  filter: OnboardingFilter = {},
  limit = 50,
): Promise<readonly Onboarding[]> => selectOnboardings(tx, filter, Math.min(Math.max(limit, 1), 200))

export interface OnboardingHistory {
  readonly onboarding: Onboarding
  readonly steps: readonly OnboardingStep[]
  readonly measured: readonly { readonly name: OnboardingEventName; readonly at: number }[]
}

/** One onboarding with every step it took. For operators. Errors: `not_found`. */
export const getOnboardingHistory = async (tx: OperatorTx, id: number): Promise<OnboardingHistory> => {
  const onboarding = await selectOnboarding(tx, { id })
  if (!onboarding) throw notFound('onboarding', id)
  return { onboarding, steps: await selectSteps(tx, id), measured: await selectEvents(tx, id) }
}

import { asOperator } from '#server/db/tenant-scope.ts'

import { changing } from './change-onboarding.ts'
import { clearOnboarding } from './clear-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { type Onboarding, hasEnded } from './onboarding.rules.ts'
import { lockOnboarding, selectDueIds, selectUnclearedIds } from './onboarding.store.ts'
import { endOverdue } from './open-onboarding.ts'

const PORTION = 200

/** Who is to be told that their time is over: where the tenant was removed, no event says so. */
export type EndedOnboarding = Pick<Onboarding, 'id' | 'telegramId' | 'locale' | 'endReason'>

/**
 * Ends every onboarding whose step is over, gives an overdue order's person the choice of a way again, and finishes
 * taking back what was cut off. At most 200 of each a call; repeatable.
 */
export const expireOnboardings = async (
  deps: OnboardingDeps,
  at: number,
): Promise<{ readonly ended: readonly EndedOnboarding[]; readonly lapsed: number; readonly cleared: number }> => {
  const due = await asOperator(deps.db, 'onboarding', (tx) => selectDueIds(tx, at, PORTION))
  const ended: EndedOnboarding[] = []
  let lapsed = 0
  for (const id of due) {
    const row = await changing(deps, async (tx, journal) => {
      const before = await lockOnboarding(tx, { id })
      const after = before && (await endOverdue(tx, journal, before, at))
      return after === before ? null : after
    })
    if (row && hasEnded(row.state)) {
      const { telegramId, locale, endReason } = row
      ended.push({ id, telegramId, locale, endReason })
    } else if (row) lapsed += 1
  }
  const uncleared = await asOperator(deps.db, 'onboarding', (tx) => selectUnclearedIds(tx, PORTION))
  for (const id of uncleared) await clearOnboarding(deps, id, at)
  return { ended, lapsed, cleared: uncleared.length }
}

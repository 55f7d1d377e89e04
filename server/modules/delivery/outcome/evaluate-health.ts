import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type HealthVerdict, assessHealth, healthEvidence } from './health.rules.ts'
import { findHealthFigures, findStanding, setHealth } from './health.store.ts'

/**
 * Slows an account down, stops it or lets it come back one step, from the block, opt-out, 403 and 429 figures of its own
 * ledger, and keeps what it was judged by. Nothing is evaded: a strained account sends less. Returns the verdict, or null
 * when there is no such account.
 */
export const evaluateHealth = async (tx: TenantTx, accountId: number, now: number): Promise<HealthVerdict | null> => {
  const standing = await findStanding(tx, accountId)
  if (standing === null) return null
  const figures = await findHealthFigures(tx, accountId, now)
  const verdict = assessHealth(figures, standing, now)
  const isChange = verdict.health !== standing.health
  if (isChange || verdict.cleanSince !== standing.cleanSince)
    await setHealth(tx, accountId, verdict, healthEvidence(figures), isChange ? now : null)
  if (isChange) {
    await emitEvents(tx, now, [
      { type: 'account.health_changed', payload: { accountId, health: verdict.health, reason: verdict.reason ?? '' } },
    ])
  }
  return verdict
}

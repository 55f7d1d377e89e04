import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type HealthVerdict, assessHealth } from './health.rules.ts'
import { findHealth, findHealthFigures, setHealth } from './health.store.ts'

/**
 * Slows an account down, stops it or lets it go on, from the block, opt-out, 403 and 429 figures of its own ledger.
 * Nothing is evaded: a strained account sends less. Returns the verdict, or null when there is no such account.
 */
export const evaluateHealth = async (tx: TenantTx, accountId: number, now: number): Promise<HealthVerdict | null> => {
  const current = await findHealth(tx, accountId)
  if (current === null) return null
  const verdict = assessHealth(await findHealthFigures(tx, accountId, now), current)
  if (verdict.health !== current) {
    await setHealth(tx, accountId, verdict.health, verdict.reason, now)
    await emitEvents(tx, now, [
      { type: 'account.health_changed', payload: { accountId, health: verdict.health, reason: verdict.reason ?? '' } },
    ])
  }
  return verdict
}

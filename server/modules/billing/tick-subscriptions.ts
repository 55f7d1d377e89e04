import type { Db } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { CATALOGUE } from './catalogue.rules.ts'
import { noticeUsage } from './list-usage.ts'
import { stateAt } from './subscription.rules.ts'
import { listDueTenants, listSubscriptions, lockSubscription, saveSubscription } from './subscription.store.ts'

/**
 * Moves every subscription to the state that `now` has led to, brings limits in step with a newer catalogue, and notices
 * limits that come near. Sending stops by its instant alone; this writes states down and tells others. Hourly;
 * repeatable. Returns how many subscriptions moved and how many notices were given.
 */
export const tickSubscriptions = async (
  { db }: { readonly db: Db },
  now: number,
): Promise<{ readonly moved: number; readonly notices: number }> => {
  const due = await asOperator(db, 'subscriptions', (tx) => listDueTenants(tx, now))
  let moved = 0
  for (const tenantId of due) if (await inTenant(db, tenantId, (tx) => moveSubscription(tx, now))) moved += 1
  const all = await asOperator(db, 'subscriptions', listSubscriptions)
  let notices = 0
  for (const { tenantId, state } of all) {
    if (state !== 'expired') notices += (await inTenant(db, tenantId, (tx) => noticeUsage(tx, now))).length
  }
  return { moved, notices }
}

/** Whether the state moved. */
const moveSubscription = async (tx: TenantTx, now: number): Promise<boolean> => {
  const before = await lockSubscription(tx)
  const after = { ...before, state: stateAt(before, now), catalogueVersion: CATALOGUE.version }
  if (after.state === before.state && after.catalogueVersion === before.catalogueVersion) return false
  const isBehind = before.catalogueVersion < CATALOGUE.version && after.package !== 'custom'
  await saveSubscription(tx, after, { at: now, limits: isBehind ? 'of package' : 'as they are' })
  await emitEvents(tx, now, [{ type: 'subscription.changed', payload: { package: after.package, state: after.state } }])
  if (after.state === before.state) return false
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: 'system',
    action: `subscription.${after.state}`,
    target: `package:${after.package}`,
    detail: { before: before.state, after: after.state },
    at: now,
  })
  return true
}

import { AppError } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type Subscription, stateAt } from './subscription.rules.ts'
import { lockSubscription, saveSubscription } from './subscription.store.ts'

/**
 * Ends a subscription with its period: the tenant works to that instant, without grace; one without an end stops at
 * once. Nothing is deleted, and a payment takes it back. Locks the subscription; emits `subscription.changed`. Errors:
 * `conflict/subscription_over` when it has ended or was cancelled already.
 */
export const cancelSubscription = async (
  tx: TenantTx,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Subscription> => {
  const before = await lockSubscription(tx)
  if (before.state === 'cancelled' || stateAt(before, at) === 'expired')
    throw new AppError('conflict', 'subscription_over', { state: stateAt(before, at), package: before.package })
  const isOver = before.periodEndsAt === null || before.periodEndsAt <= at
  const after: Subscription = {
    ...before,
    state: isOver ? 'expired' : 'cancelled',
    // A period lasts: one that ends in the millisecond it began is as good as none.
    periodEndsAt: before.periodEndsAt ?? Math.max(at, before.periodStartsAt + 1),
  }
  await saveSubscription(tx, after, { at, limits: 'as they are' })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'subscription.cancelled',
    target: `package:${after.package}`,
    detail: { before: before.state, after: after.state, endsAt: after.periodEndsAt },
    at,
  })
  await emitEvents(tx, at, [{ type: 'subscription.changed', payload: { package: after.package, state: after.state } }])
  return after
}

import { DAY_MS } from '#server/base/duration.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { CATALOGUE } from './catalogue.rules.ts'
import { type Subscription, stateAt } from './subscription.rules.ts'
import { hasPeriod, insertPeriod, lockSubscription, saveSubscription } from './subscription.store.ts'

const DAYS_MAX = 366

export interface GrantedDays {
  /** 1–366. */
  readonly days: number
  /** Names the gift; given again, it changes nothing. */
  readonly reference: string
  readonly by: string
  readonly at: number
}

/** Where a gift leaves a subscription: a running period ends later, one that is over begins anew at once. Pure. */
const extended = (before: Subscription, endsAt: number, { days, at }: GrantedDays): Subscription => {
  const isOver = stateAt(before, at) === 'expired'
  return {
    ...before,
    state: before.package === 'trial' ? 'trial' : 'active',
    periodStartsAt: isOver ? at : before.periodStartsAt,
    periodEndsAt: (isOver ? at : endsAt) + days * DAY_MS,
    periodValueMinor: isOver ? 0 : before.periodValueMinor,
  }
}

/**
 * Gives a tenant days of its package, a trial among them, without money: from the end of the running period, or from now
 * once that is over. Idempotent by `reference`. Locks the subscription; audited with before and after; emits
 * `subscription.changed`. Errors: `invalid/whole_number_expected`, `conflict/licence_endless`, `conflict/reference_used`.
 */
export const grantDays = async (
  tx: TenantTx,
  gift: GrantedDays,
): Promise<{ readonly subscription: Subscription; readonly isNew: boolean }> => {
  const { days, reference, by, at } = gift
  if (!Number.isSafeInteger(days) || days < 1 || days > DAYS_MAX)
    throw invalid('whole_number_expected', 'days', { given: String(days), min: 1, max: DAYS_MAX })
  const before = await lockSubscription(tx)
  if (await hasPeriod(tx, reference)) return { subscription: before, isNew: false }
  const { periodEndsAt } = before
  if (periodEndsAt === null) throw new AppError('conflict', 'licence_endless', { package: before.package })
  const after = extended(before, periodEndsAt, gift)
  const endsAt = after.periodEndsAt ?? at
  const isNew = await insertPeriod(tx, {
    tenantId: tx.tenantId,
    kind: 'grant',
    package: after.package,
    extraBots: after.extraBots,
    startsAt: endsAt - days * DAY_MS,
    endsAt,
    paidMinor: 0,
    currency: CATALOGUE.currency,
    valueMinor: 0,
    creditMinor: 0,
    reference,
    recordedAt: at,
  })
  if (!isNew) throw new AppError('conflict', 'reference_used', { field: 'reference' })
  await saveSubscription(tx, after, { at, limits: 'as they are' })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'subscription.granted',
    target: `package:${after.package}`,
    detail: { days, before: periodEndsAt, after: endsAt, stateBefore: before.state, stateAfter: after.state },
    at,
  })
  await emitEvents(tx, at, [{ type: 'subscription.changed', payload: { package: after.package, state: after.state } }])
  return { subscription: after, isNew: true }
}

import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type Counted, limitOf } from './catalogue.rules.ts'
import {
  type Feature,
  WINDOW_MS,
  requireIncluded,
  requireRank,
  requireRoom,
  requireUsable,
} from './entitlement.rules.ts'
import { getSubscription, lockSubscription } from './subscription.store.ts'
import { countUsed } from './usage.store.ts'

export interface Taking {
  /** How many more are taken; 1 when left out, 0 asks only that the tenant is not above its limit. */
  readonly amount?: number
  readonly at: number
}

/**
 * Refuses what the package has no room for; called in the transaction that takes it, before it does. Locks the
 * subscription to the end of that transaction, so of any number of takers the last place goes to one, and a package
 * that changes meanwhile is seen. Errors: `limit_reached` whose code is the name, with limit, used, package, resetAt
 * (epoch ms, empty for what is held) and liftedBy; `limit_reached/subscription_over`.
 */
export const requireEntitlement = async (tx: TenantTx, name: Counted, { amount = 1, at }: Taking): Promise<void> => {
  const subscription = await lockSubscription(tx)
  requireUsable(subscription, at)
  const limit = limitOf(subscription.package, name, subscription.extraBots)
  if (limit === null) return
  // A statement of its own: it reads what the taker before committed, which the locking one cannot.
  const { used, oldestAt } = await countUsed(tx, name, at)
  const windowMs = WINDOW_MS[name]
  const resetAt = windowMs === null || oldestAt === null ? null : oldestAt + windowMs
  requireRoom(subscription, { name, limit, used, resetAt }, amount)
}

/**
 * Refuses a feature or level the package does not include. Errors: `limit_reached/package_feature` naming the package
 * that does; `limit_reached/subscription_over`.
 */
export const requireFeature = async (tx: TenantTx, feature: Feature, at: number): Promise<void> => {
  const subscription = await getSubscription(tx)
  requireUsable(subscription, at)
  requireIncluded(subscription, feature)
}

/**
 * Refuses to change one of the held things when more are held than the package allows and it is one of those beyond: its
 * `rank`, from 1, is that of the oldest first. What is beyond stays and may be used; nothing is deleted. Errors:
 * `limit_reached/over_limit_read_only` with limit, used, package and liftedBy.
 */
export const requireWithinAllowance = async (
  tx: TenantTx,
  name: Exclude<Counted, `messages_${string}`>,
  rank: number,
): Promise<void> => {
  const subscription = await lockSubscription(tx)
  const limit = limitOf(subscription.package, name, subscription.extraBots)
  if (limit === null || rank <= limit) return
  // What is held counts at any instant.
  const { used } = await countUsed(tx, name, 0)
  requireRank(subscription, { name, limit, used, resetAt: null }, rank)
}

/** How many of something the tenant's package allows; null for no limit. */
export const findAllowance = async (tx: TenantTx, name: Counted): Promise<number | null> => {
  const subscription = await getSubscription(tx)
  return limitOf(subscription.package, name, subscription.extraBots)
}

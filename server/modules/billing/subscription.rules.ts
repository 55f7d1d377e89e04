import type { PackageName, PeriodKind, SubscriptionState } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { CATALOGUE, packageOf } from './catalogue.rules.ts'

/** What a tenant has at the moment. Instants are epoch milliseconds, money is in minor units of the catalogue's currency. */
export interface Subscription {
  readonly tenantId: number
  readonly package: PackageName
  readonly state: SubscriptionState
  readonly extraBots: number
  readonly catalogueVersion: number
  readonly periodStartsAt: number
  /** Null where the operator lets the tenant work without an end. */
  readonly periodEndsAt: number | null
  /** Money paid for the running period and credit carried into it. */
  readonly periodValueMinor: number
}

export const PERIOD_MS = CATALOGUE.periodDays * DAY_MS
export const GRACE_MS = CATALOGUE.graceDays * DAY_MS

/** Until when automated messages leave: the period's end, and a grace after one that was paid for. Null for ever. */
export const automatedUntil = ({ state, periodEndsAt }: Pick<Subscription, 'state' | 'periodEndsAt'>): number | null =>
  periodEndsAt === null ? null : state === 'active' || state === 'grace' ? periodEndsAt + GRACE_MS : periodEndsAt

/** The state the passing of time leads to; the same state while nothing has passed. Total and idempotent. */
export const stateAt = (
  { state, periodEndsAt }: Pick<Subscription, 'state' | 'periodEndsAt'>,
  now: number,
): SubscriptionState => {
  if (periodEndsAt === null || now < periodEndsAt) return state
  switch (state) {
    case 'active':
    case 'grace':
      return now < periodEndsAt + GRACE_MS ? 'grace' : 'expired'
    case 'trial':
    case 'cancelled':
    case 'expired':
      return 'expired'
  }
}

/** Whether the package may be used at `now`, whatever the duty has written by then. */
export const isUsable = (subscription: Pick<Subscription, 'state' | 'periodEndsAt'>, now: number): boolean =>
  stateAt(subscription, now) !== 'expired'

/** What is left of the running period's value, rounded down to a whole minor unit. */
const unusedCreditMinor = (subscription: Subscription, now: number): number => {
  const { periodStartsAt, periodEndsAt, periodValueMinor } = subscription
  if (periodEndsAt === null || periodValueMinor === 0) return 0
  const left = Math.min(Math.max(0, periodEndsAt - now), periodEndsAt - periodStartsAt)
  return Math.floor((periodValueMinor * left) / (periodEndsAt - periodStartsAt))
}

/** Price of `count` extra bots for one period, with the discount of their number. */
const extraBotsMinor = (priceMinor: number, count: number): number => {
  const { priceRatio, discounts } = CATALOGUE.addOns.extra_bot
  const offRatio = Math.max(0, ...discounts.filter(({ from }) => count >= from).map((row) => row.offRatio))
  return Math.round(priceMinor * priceRatio * count * (1 - offRatio))
}

/** What one period of a package costs with its extra bots. Errors: `invalid/package_by_agreement`, `invalid/package_not_sold`. */
export const periodPriceMinor = (name: PackageName, extraBots: number): number => {
  const { priceMinor } = packageOf(name)
  if (priceMinor === null) throw new AppError('invalid', 'package_by_agreement', { field: 'package', package: name })
  if (name === 'trial') throw new AppError('invalid', 'package_not_sold', { field: 'package', package: name })
  return priceMinor + extraBotsMinor(priceMinor, extraBots)
}

export interface ChangeQuote {
  readonly package: PackageName
  readonly extraBots: number
  /** A full period of what is wanted. */
  readonly priceMinor: number
  /** What the unused days of the running period are worth. */
  readonly creditMinor: number
  /** What is to be paid; a credit beyond the price makes the period longer instead. */
  readonly dueMinor: number
  readonly currency: string
}

/** What changing to another package, or to more or fewer extra bots, costs at `now`. */
export const quoteChange = (
  subscription: Subscription,
  wanted: { readonly package: PackageName; readonly extraBots: number },
  now: number,
): ChangeQuote => {
  const priceMinor = periodPriceMinor(wanted.package, wanted.extraBots)
  const creditMinor = unusedCreditMinor(subscription, now)
  const dueMinor = Math.max(0, priceMinor - creditMinor)
  return { ...wanted, priceMinor, creditMinor, dueMinor, currency: CATALOGUE.currency }
}

export type { PeriodKind }

export interface PlannedPeriod {
  readonly kind: PeriodKind
  readonly startsAt: number
  readonly endsAt: number
  readonly creditMinor: number
}

/**
 * Where a paid period of `periodMs` goes. The same package goes on from its end, also out of grace: the days of grace
 * were used. Another package, or other extra bots, starts at once, and what was left of the old period lengthens it.
 */
export const planPeriod = (
  before: Subscription,
  wanted: { readonly package: PackageName; readonly extraBots: number; readonly periodMs: number },
  now: number,
): PlannedPeriod => {
  const { periodEndsAt } = before
  if (stateAt(before, now) === 'expired' || before.state === 'trial' || periodEndsAt === null) {
    return { kind: 'purchase', startsAt: now, endsAt: now + wanted.periodMs, creditMinor: 0 }
  }
  if (before.package === wanted.package && before.extraBots === wanted.extraBots) {
    return { kind: 'renewal', startsAt: periodEndsAt, endsAt: periodEndsAt + wanted.periodMs, creditMinor: 0 }
  }
  const creditMinor = unusedCreditMinor(before, now)
  const { priceMinor } = packageOf(wanted.package)
  const carriedMs = priceMinor === null ? 0 : worthMs(creditMinor, periodPriceMinor(wanted.package, wanted.extraBots))
  return { kind: 'change', startsAt: now, endsAt: now + wanted.periodMs + carriedMs, creditMinor }
}

/** How long `valueMinor` lasts at `priceMinor` a period. */
export const worthMs = (valueMinor: number, priceMinor: number): number =>
  priceMinor === 0 ? 0 : Math.floor((valueMinor / priceMinor) * PERIOD_MS)

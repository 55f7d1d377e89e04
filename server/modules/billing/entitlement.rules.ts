import { PACKAGES, type PackageName, type ReplyMode } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { type Counted, type TIERS, type Tier, includesTier, limitOf, packageOf } from './catalogue.rules.ts'
import { PERIOD_MS, type Subscription, isUsable } from './subscription.rules.ts'

/** One thing a package limits, and how much of it is in use. */
export interface Usage {
  readonly name: Counted
  /** Null for no limit. */
  readonly limit: number | null
  readonly used: number
  /** When the oldest use of a rolling quota is free again, epoch ms; null for what is held and not spent. */
  readonly resetAt: number | null
}

/** How long a use counts; null for what counts as long as it exists. Months are those of the guard's quota: 30 days. */
export const WINDOW_MS: Readonly<Record<Counted, number | null>> = {
  accounts: null,
  templates: null,
  groups: null,
  members: null,
  messages_month: 30 * DAY_MS,
  messages_day: DAY_MS,
}

/** The first package, in the order they are sold, that fits; `custom`, agreed with the operator, fits everything. */
const firstThat = (fits: (name: PackageName) => boolean): PackageName =>
  PACKAGES.find((name) => name !== 'trial' && fits(name)) ?? 'custom'

/** The package that has room for `needed`. */
const lifting = (counted: Counted, needed: number): PackageName =>
  firstThat((name) => {
    const limit = limitOf(name, counted, 0)
    return limit === null || limit >= needed
  })

/** Errors: `limit_reached/subscription_over` when the period, and its grace, is over at `at`. */
export const requireUsable = (subscription: Subscription, at: number): void => {
  if (!isUsable(subscription, at))
    throw new AppError('limit_reached', 'subscription_over', { state: 'expired', package: subscription.package })
}

/** Errors: `limit_reached` with limit, used, package, when it resets and which package lifts it; its code is the name. */
export const requireRoom = (
  subscription: Subscription,
  { name, limit, used, resetAt }: Usage,
  amount: number,
): void => {
  if (limit === null || used + amount <= limit) return
  throw new AppError('limit_reached', name, {
    limit,
    used,
    package: subscription.package,
    resetAt: resetAt ?? '',
    liftedBy: lifting(name, used + amount),
  })
}

/** Errors: `limit_reached/over_limit_read_only` when the `rank`-th of what is held lies beyond the limit. */
export const requireRank = (subscription: Subscription, { name, limit, used }: Usage, rank: number): void => {
  if (limit === null || rank <= limit) return
  throw new AppError('limit_reached', 'over_limit_read_only', {
    name,
    limit,
    used,
    package: subscription.package,
    liftedBy: lifting(name, rank),
  })
}

/** A feature that a package has or has not. */
export type Feature =
  | { readonly replyMode: ReplyMode }
  | { readonly [T in Tier]: { readonly tier: T; readonly level: (typeof TIERS)[T][number] } }[Tier]

const wordsOf = (feature: Feature): readonly [string, string] =>
  'replyMode' in feature ? ['reply_mode', feature.replyMode] : [feature.tier, feature.level]

const includes = (name: PackageName, feature: Feature): boolean =>
  'replyMode' in feature
    ? packageOf(name).features.replyModes.includes(feature.replyMode)
    : includesTier(name, feature.tier, feature.level as never)

/** Errors: `limit_reached/package_feature` naming feature, level, package, and which package includes it. */
export const requireIncluded = (subscription: Subscription, feature: Feature): void => {
  if (includes(subscription.package, feature)) return
  const [what, level] = wordsOf(feature)
  const liftedBy = firstThat((name) => includes(name, feature))
  throw new AppError('limit_reached', 'package_feature', {
    feature: what,
    level,
    package: subscription.package,
    liftedBy,
  })
}

/** A limit below this says nothing at 80 %. */
const NOTICED_FROM = 5

/** Which notices a usage deserves, in per cent of the limit, the higher first. */
export const noticesFor = ({ limit, used }: Usage): readonly (80 | 100)[] =>
  limit === null || limit < NOTICED_FROM ? [] : ([100, 80] as const).filter((percent) => used * 100 >= limit * percent)

/** The running period of a limit: days, or the periods of the subscription, counted from its beginning. */
export const noticePeriodStart = (subscription: Subscription, counted: Counted, now: number): number => {
  const lengthMs = WINDOW_MS[counted] === DAY_MS ? DAY_MS : PERIOD_MS
  const { periodStartsAt } = subscription
  return periodStartsAt + Math.floor((now - periodStartsAt) / lengthMs) * lengthMs
}

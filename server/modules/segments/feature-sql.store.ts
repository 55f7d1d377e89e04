import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { ENGAGEMENT_HALF_LIFE_MS, ENGAGEMENT_SCALE } from '#server/modules/contacts/index.ts'

import { CONVERSION_PRIOR } from './conversion.rules.ts'
import { type FeatureName, INSTANTS_KEPT, NIGHT_HOURS, RECENT_MS, featureOf } from './feature.rules.ts'

// The SQL twins of feature.rules.ts, in float8 throughout: numeric arithmetic costs twice as much. Values are written
// into the text as literals, so that the planner folds them; they come from checked numbers and closed lists alone.

export const float = (value: number): string => `(${String(value)})::float8`
export const instant = (at: number): string => `'${toDate(at).toISOString()}'::timestamptz`

const COLUMN = {
  firstSeenAt: 'first_seen_at',
  lastSeenAt: 'last_seen_at',
  lastPaidAt: 'last_paid_at',
  memberSince: 'member_since',
  priceIntentAt: 'price_intent_at',
  groupMessageAt: 'group_message_at',
  chatActiveAt: 'chat_active_at',
  isPremium: 'is_premium',
} as const

/** The column an age, a recent count or a flag is read from. */
export const columnOf = (key: keyof typeof COLUMN): string => COLUMN[key]

const hours = (of: readonly number[]): string => of.map((hour) => `hour_counts[${hour + 1}]`).join(' + ')
const ALL_HOURS = Array.from({ length: 24 }, (_, hour) => hour)

const elapsedMs = (now: number, column: string): string => `date_part('epoch', ${instant(now)} - ${column}) * 1000`

const recentCount = (column: string, now: number, countedMax: number): string => {
  const cutoff = instant(now - RECENT_MS)
  const steps = Array.from(
    { length: countedMax },
    (_, n) => `when (${column}[${n + 1}] > ${cutoff}) is not true then ${n}`,
  )
  return `(case ${steps.join(' ')} else ${countedMax} end)`
}

/**
 * Columns that several rules read, computed once per row in two steps: the second may use the first. Each step must
 * stand in a subquery of its own that ends in `offset 0`, or the planner copies the expressions into every use.
 */
export const sharedColumns = (now: number): { readonly first: string; readonly second: string } => {
  // PostgreSQL refuses a result too small for a float8 where JavaScript gives 0. The limits keep clear of that and
  // change no score: what lies beyond them differs from 0 or 100 by less than a float8 can tell.
  const halfLives = `least(900, greatest(0, ${elapsedMs(now, 'engagement_at')}) / ${float(ENGAGEMENT_HALF_LIFE_MS)})`
  const decayed = `engagement_mass * power(0.5::float8, ${halfLives})`
  const engagement = `case when engagement_mass < 1e-40::float8 or engagement_at is null then 0::float8
      else 100 * (1 - exp(-least(700, ${decayed} / ${float(ENGAGEMENT_SCALE)}))) end`
  const p = CONVERSION_PRIOR
  const z = `${float(p.intercept)} + ${float(p.engagement)} * engagement
      + ${float(p.answers)} * ln((1 + response_count + click_count)::float8)
      + ${float(p.priceIntent)} * ${recentCount('price_intent_at', now, p.priceIntentsCounted)}
      + case when order_count > 0 then ${float(p.customer)} else 0 end`
  return {
    first: `${engagement} as engagement,
      (inbound_count + click_count + reaction_count)::float8 as interactions,
      (${hours(ALL_HOURS)})::float8 as activity_events`,
    second: `100 / (1 + exp(-(${z}))) as conversion`,
  }
}

const NUMBER_SQL: Readonly<Partial<Record<FeatureName, string>>> = {
  engagement: 'engagement',
  conversion: 'conversion',
  interactions: 'interactions',
  activityEvents: 'activity_events',
  responses: 'response_count::float8',
  received: 'outbound_count::float8',
  clicksOrReactions: '(click_count + reaction_count)::float8',
  orders: 'order_count::float8',
  accounts: 'account_count::float8',
  nightShare: `(case when activity_events = 0 then 0::float8 else (${hours(NIGHT_HOURS)}) / activity_events end)`,
}

/** The feature's value as a float8 over a row that has the shared columns. */
export const featureSql = (name: FeatureName, now: number): string => {
  const feature = featureOf(name)
  switch (feature.kind) {
    case 'number': {
      const expression = NUMBER_SQL[name]
      if (expression === undefined) throw new Error(`feature ${name} has no SQL`)
      return expression
    }
    case 'age': {
      const column = columnOf(feature.instant)
      // Null must be replaced first: greatest() passes over it.
      const neverMs = Number.isFinite(feature.never) ? float(feature.never * DAY_MS) : `'infinity'::float8`
      return `(greatest(0, coalesce(${elapsedMs(now, column)}, ${neverMs})) / ${float(DAY_MS)})`
    }
    case 'recent':
      return `${recentCount(columnOf(feature.instants), now, INSTANTS_KEPT)}::float8`
    case 'flag':
      return `(case when ${columnOf(feature.flag)} then 1 else 0 end)::float8`
  }
}

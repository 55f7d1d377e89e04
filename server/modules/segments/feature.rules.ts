import { DAY_MS } from '#server/base/duration.ts'

import { engagementScore } from '#server/modules/contacts/index.ts'
import { conversionPrior } from './conversion.rules.ts'

/** The row of contact_feature as the rules see it; instants are epoch ms, arrays of instants newest first. */
export interface FeatureRow {
  readonly firstSeenAt: number
  readonly lastSeenAt: number | null
  readonly isPremium: boolean
  readonly inboundCount: number
  readonly outboundCount: number
  readonly responseCount: number
  readonly clickCount: number
  readonly reactionCount: number
  readonly orderCount: number
  readonly lastPaidAt: number | null
  readonly accountCount: number
  readonly engagementMass: number
  readonly engagementAt: number | null
  readonly memberSince: number | null
  readonly priceIntentAt: readonly number[]
  readonly groupMessageAt: readonly number[]
  readonly chatActiveAt: readonly number[]
  /** Events per local hour, 24 numbers. */
  readonly hourCounts: readonly number[]
}

type InstantKey = 'firstSeenAt' | 'lastSeenAt' | 'lastPaidAt' | 'memberSince'
type InstantsKey = 'priceIntentAt' | 'groupMessageAt' | 'chatActiveAt'

/** Instants a feature row keeps per kind, and how far back "recent" reaches. */
export const INSTANTS_KEPT = 8
export const RECENT_MS = 30 * DAY_MS

/** The night of NIGHT_OWL: from 22:00 to 04:00 local. */
export const NIGHT_HOURS = [22, 23, 0, 1, 2, 3] as const

interface Range {
  /** Thresholds a rule may use; beyond them a rule is a slip of the hand. */
  readonly min: number
  readonly max: number
  readonly isInteger: boolean
  /** Largest value the feature can take; null when it has no end. */
  readonly top: number | null
  /** Whether `interactions` or `activityEvents` tells how much evidence the value rests on; null for plain facts. */
  readonly evidence: 'interactions' | 'activityEvents' | null
}

/** A number computed from the row. */
interface NumberFeature extends Range {
  readonly kind: 'number'
  readonly value: (row: FeatureRow, now: number) => number
}
/** Days since an instant; `never` is its value while the instant is unknown. */
interface AgeFeature extends Range {
  readonly kind: 'age'
  readonly instant: InstantKey
  readonly never: number
}
/** How many of the kept instants lie in the last 30 days, at most eight. */
interface RecentFeature extends Range {
  readonly kind: 'recent'
  readonly instants: InstantsKey
}
interface FlagFeature {
  readonly kind: 'flag'
  readonly flag: 'isPremium'
  readonly evidence: null
}
export type FeatureDefinition = NumberFeature | AgeFeature | RecentFeature | FlagFeature

const COUNT = { kind: 'number', min: 0, max: 1_000_000, isInteger: true, top: null, evidence: null } as const
const SCORE = { kind: 'number', min: 0, max: 100, isInteger: false, top: 100, evidence: 'interactions' } as const
const AGE = { kind: 'age', min: 0, max: 3_650, isInteger: false, top: null, evidence: null } as const
const RECENT = {
  kind: 'recent',
  min: 0,
  max: INSTANTS_KEPT,
  isInteger: true,
  top: INSTANTS_KEPT,
  evidence: null,
} as const

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
const countRecent = (instants: readonly number[], now: number): number => {
  const older = instants.findIndex((at) => at <= now - RECENT_MS)
  return older === -1 ? instants.length : older
}
const interactions = (row: FeatureRow): number => row.inboundCount + row.clickCount + row.reactionCount
const engagement = (row: FeatureRow, now: number): number => engagementScore(row.engagementMass, row.engagementAt, now)

/** Everything a rule may ask about a contact. The SQL twin of each is in feature-sql.store.ts. */
export const FEATURES = {
  engagement: { ...SCORE, value: engagement },
  conversion: {
    ...SCORE,
    value: (row, now) =>
      conversionPrior({
        engagement: engagement(row, now),
        responses: row.responseCount,
        clicks: row.clickCount,
        priceIntents30d: countRecent(row.priceIntentAt, now),
        orders: row.orderCount,
      }),
  },
  interactions: { ...COUNT, value: interactions },
  responses: { ...COUNT, value: (row) => row.responseCount },
  received: { ...COUNT, value: (row) => row.outboundCount },
  clicksOrReactions: { ...COUNT, value: (row) => row.clickCount + row.reactionCount },
  orders: { ...COUNT, value: (row) => row.orderCount },
  accounts: { ...COUNT, max: 1_000, value: (row) => row.accountCount },
  activityEvents: { ...COUNT, value: (row) => sum(row.hourCounts) },
  nightShare: {
    kind: 'number',
    min: 0,
    max: 1,
    isInteger: false,
    top: 1,
    evidence: 'activityEvents',
    value: (row) => {
      const all = sum(row.hourCounts)
      return all === 0 ? 0 : sum(NIGHT_HOURS.map((hour) => row.hourCounts[hour] ?? 0)) / all
    },
  },
  daysSinceSeen: { ...AGE, instant: 'lastSeenAt', never: Infinity },
  daysKnown: { ...AGE, instant: 'firstSeenAt', never: 0 },
  daysSincePaid: { ...AGE, instant: 'lastPaidAt', never: Infinity },
  memberDays: { ...AGE, instant: 'memberSince', never: 0 },
  priceIntents30d: { ...RECENT, instants: 'priceIntentAt' },
  groupMessages30d: { ...RECENT, instants: 'groupMessageAt' },
  chatsActive30d: { ...RECENT, instants: 'chatActiveAt' },
  isPremium: { kind: 'flag', flag: 'isPremium', evidence: null },
} as const satisfies Record<string, FeatureDefinition>

export type FeatureName = keyof typeof FEATURES

/** In the order in which a stored assignment keeps its inputs: append only. */
export const FEATURE_NAMES = Object.keys(FEATURES) as readonly FeatureName[]

/** The definition of a feature, widened so that its kind can be switched on. */
export const featureOf = (name: FeatureName): FeatureDefinition => FEATURES[name]

/** Value of a feature at `now`: days for ages (Infinity for "never"), 0 or 1 for flags. */
export const featureValue = (name: FeatureName, row: FeatureRow, now: number): number => {
  const feature = featureOf(name)
  switch (feature.kind) {
    case 'number':
      return feature.value(row, now)
    case 'age': {
      const at = row[feature.instant]
      return at === null ? feature.never : Math.max(0, now - at) / DAY_MS
    }
    case 'recent':
      return countRecent(row[feature.instants], now)
    case 'flag':
      return row[feature.flag] ? 1 : 0
  }
}

/** All features of a contact at `now`. */
export const featureValues = (row: FeatureRow, now: number): Readonly<Record<FeatureName, number>> =>
  Object.fromEntries(FEATURE_NAMES.map((name) => [name, featureValue(name, row, now)])) as Record<FeatureName, number>

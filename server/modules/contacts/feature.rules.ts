import { localHour, localWeekday } from '#server/base/local-time.ts'

import type { ActivityKind } from './contact.rules.ts'
import { ENGAGEMENT_WEIGHTS, type EngagementMass, addToMass } from './engagement.rules.ts'

/** Arrays of instants keep this many, newest first: "at least n in the last 30 days" is one comparison. */
const INSTANTS_KEPT = 8

/** The inputs of segmentation that single activities move. Instants are epoch ms. */
export interface ContactFeatures {
  readonly firstSeenAt: number
  readonly lastSeenAt: number | null
  readonly isPremium: boolean
  /** Starts and messages, in private chats and groups. */
  readonly inboundCount: number
  /** Tracked links and inline buttons. */
  readonly clickCount: number
  readonly reactionCount: number
  readonly mass: number
  readonly massAt: number | null
  readonly lastClickAt: number | null
  readonly priceIntentAt: readonly number[]
  readonly groupMessageAt: readonly number[]
  /** Index 0 is the hour from midnight, 24 of them. */
  readonly hourCounts: readonly number[]
  /** Index 0 is Monday, 7 of them. */
  readonly weekdayCounts: readonly number[]
}

/** What the fold needs of an activity. */
export interface FeatureEvent {
  readonly kind: ActivityKind
  readonly at: number
  readonly isPremium: boolean
  readonly hasPriceIntent: boolean
}

/** Features of somebody first seen at `at` who has done nothing yet. */
export const emptyFeatures = (at: number): ContactFeatures => ({
  firstSeenAt: at,
  lastSeenAt: null,
  isPremium: false,
  inboundCount: 0,
  clickCount: 0,
  reactionCount: 0,
  mass: 0,
  massAt: null,
  lastClickAt: null,
  priceIntentAt: [],
  groupMessageAt: [],
  hourCounts: Array.from({ length: 24 }, () => 0),
  weekdayCounts: Array.from({ length: 7 }, () => 0),
})

const INBOUND: ReadonlySet<ActivityKind> = new Set(['started', 'message', 'group_message'])
const CLICKS: ReadonlySet<ActivityKind> = new Set(['button', 'click'])

/** Done to the person or about leaving: no sign of when the person likes to be there. */
const NO_PRESENCE: ReadonlySet<ActivityKind> = new Set(['blocked', 'left_chat', 'removed_from_chat'])

/** The newest {@link INSTANTS_KEPT} of the instants and `at`, newest first. */
const keepNewest = (instants: readonly number[], at: number): number[] =>
  [...instants, at].sort((a, b) => b - a).slice(0, INSTANTS_KEPT)

const raise = (counts: readonly number[], index: number): number[] => counts.map((n, i) => (i === index ? n + 1 : n))

const latest = (a: number | null, b: number): number => (a === null ? b : Math.max(a, b))

const massAfter = (features: EngagementMass, kind: ActivityKind, at: number): EngagementMass => {
  if (kind === 'blocked') return features.massAt === null || at >= features.massAt ? { mass: 0, massAt: at } : features
  return ENGAGEMENT_WEIGHTS[kind] > 0 ? addToMass(features, ENGAGEMENT_WEIGHTS[kind], at) : features
}

/**
 * Features after one more event. The order of events does not matter, but for a block: it empties the mass of what came
 * before it. `timeZone` is the contact's own, else the tenant's (IANA name).
 */
export const foldEvent = (features: ContactFeatures, event: FeatureEvent, timeZone: string): ContactFeatures => {
  const { kind, at } = event
  const present = !NO_PRESENCE.has(kind)
  const { mass, massAt } = massAfter(features, kind, at)
  return {
    firstSeenAt: Math.min(features.firstSeenAt, at),
    lastSeenAt: kind === 'removed_from_chat' ? features.lastSeenAt : latest(features.lastSeenAt, at),
    isPremium: at >= (features.lastSeenAt ?? at) ? event.isPremium : features.isPremium,
    inboundCount: features.inboundCount + (INBOUND.has(kind) ? 1 : 0),
    clickCount: features.clickCount + (CLICKS.has(kind) ? 1 : 0),
    reactionCount: features.reactionCount + (kind === 'reaction' ? 1 : 0),
    mass,
    massAt,
    lastClickAt: CLICKS.has(kind) ? latest(features.lastClickAt, at) : features.lastClickAt,
    priceIntentAt: event.hasPriceIntent ? keepNewest(features.priceIntentAt, at) : features.priceIntentAt,
    groupMessageAt: kind === 'group_message' ? keepNewest(features.groupMessageAt, at) : features.groupMessageAt,
    hourCounts: present ? raise(features.hourCounts, localHour(at, timeZone)) : features.hourCounts,
    weekdayCounts: present ? raise(features.weekdayCounts, localWeekday(at, timeZone) - 1) : features.weekdayCounts,
  }
}

/** Features of two records of one person as one: counts added, instants together, the masses at the later instant. */
export const mergeFeatures = (a: ContactFeatures, b: ContactFeatures): ContactFeatures => {
  const newer = (b.lastSeenAt ?? 0) > (a.lastSeenAt ?? 0) ? b : a
  const { mass, massAt } = b.massAt === null ? a : addToMass(a, b.mass, b.massAt)
  const newest = (x: readonly number[], y: readonly number[]) => y.reduce<readonly number[]>(keepNewest, x)
  const sums = (x: readonly number[], y: readonly number[]) => x.map((n, i) => n + (y[i] ?? 0))
  return {
    firstSeenAt: Math.min(a.firstSeenAt, b.firstSeenAt),
    lastSeenAt: newer.lastSeenAt,
    isPremium: newer.isPremium,
    inboundCount: a.inboundCount + b.inboundCount,
    clickCount: a.clickCount + b.clickCount,
    reactionCount: a.reactionCount + b.reactionCount,
    mass,
    massAt,
    lastClickAt: b.lastClickAt === null ? a.lastClickAt : latest(a.lastClickAt, b.lastClickAt),
    priceIntentAt: newest(a.priceIntentAt, b.priceIntentAt),
    groupMessageAt: newest(a.groupMessageAt, b.groupMessageAt),
    hourCounts: sums(a.hourCounts, b.hourCounts),
    weekdayCounts: sums(a.weekdayCounts, b.weekdayCounts),
  }
}

import { SEGMENTS, type AssignmentSource, type Segment } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { type FeatureName, type FeatureRow, featureOf, featureValue } from './feature.rules.ts'

export const OPERATORS = ['>=', '>', '<=', '<', '='] as const
export type Operator = (typeof OPERATORS)[number]

/** A comparison of one feature with a threshold. Flags take `=` with true or false, everything else an order. */
export interface FeatureCondition {
  readonly feature: FeatureName
  readonly op: Operator
  readonly value: number | boolean
}
/** Holds while the other segment is not held, neither by its rule nor by a person's hand. */
export interface ExclusionCondition {
  readonly without: Segment
}
export type Condition = FeatureCondition | ExclusionCondition

/** Who belongs to a segment: all conditions must hold. A disabled rule holds for nobody. */
export interface SegmentRule {
  readonly segment: Segment
  readonly version: number
  readonly enabled: boolean
  readonly conditions: readonly Condition[]
  /** Confidence 0–100 of a contact far beyond every threshold with ample evidence. */
  readonly baseConfidence: number
}

export type SegmentRules = Readonly<Record<Segment, SegmentRule>>

export const isExclusion = (condition: Condition): condition is ExclusionCondition => 'without' in condition

/** One value per segment. */
export const forEachSegment = <T>(make: (segment: Segment, index: number) => T): Readonly<Record<Segment, T>> =>
  Object.fromEntries(SEGMENTS.map((segment, index) => [segment, make(segment, index)])) as Record<Segment, T>

/**
 * confidence = base · (0.7 + 0.2 · margin + 0.1 · evidence), rounded. Seven tenths are earned by passing at all; the
 * rest by how far beyond the thresholds the contact is and by how many events stand behind the inputs.
 */
export const CONFIDENCE_SHARES = { passing: 0.7, margin: 0.2, evidence: 0.1 } as const

/** So many events are half the evidence there can be: evidence = n / (n + 5). */
export const EVIDENCE_HALF = 5

/** A segment below this confidence is held, but never the primary one. */
export const PRIMARY_CONFIDENCE_MIN = 60

/** Confidence of an assignment made by a person. */
export const MANUAL_CONFIDENCE = 100

const compare = (left: number, op: Operator, right: number): boolean => {
  switch (op) {
    case '>=':
      return left >= right
    case '>':
      return left > right
    case '<=':
      return left <= right
    case '<':
      return left < right
    case '=':
      return left === right
  }
}

/** Whether a condition holds. Ages are compared in whole milliseconds, so that "≤ 3 days" has an exact end. */
export const holds = (condition: FeatureCondition, row: FeatureRow, now: number): boolean => {
  const feature = featureOf(condition.feature)
  const threshold = Number(condition.value)
  if (feature.kind !== 'age') return compare(featureValue(condition.feature, row, now), condition.op, threshold)
  const at = row[feature.instant]
  return at === null
    ? compare(feature.never, condition.op, threshold)
    : compare(now - at, condition.op, Math.round(threshold * DAY_MS))
}

/**
 * How far beyond its threshold a value is, 0–1: for an upper bound the share of the threshold left over; for a lower
 * bound the share of the way to the feature's top, or 1 − threshold / value where there is no top. Null for flags,
 * which have no degree.
 */
export const marginOf = ({ feature: name, op, value }: FeatureCondition, x: number): number | null => {
  const feature = featureOf(name)
  if (feature.kind === 'flag') return null
  const t = Number(value)
  if (t <= 0) return 1
  const raw =
    op === '<=' || op === '<'
      ? (t - x) / t
      : feature.top === null
        ? 1 - t / x
        : t >= feature.top
          ? 1
          : (x - t) / (feature.top - t)
  return Math.min(1, Math.max(0, raw))
}

/** One condition as it was looked at. `input` is null for an exclusion. */
export interface ConditionTrace {
  readonly condition: Condition
  readonly input: number | null
  readonly passed: boolean
  readonly margin: number | null
}

/** A rule's verdict on a contact, with every step that led to it. */
export interface RuleTrace {
  readonly rule: SegmentRule
  readonly conditions: readonly ConditionTrace[]
  readonly passed: boolean
  /** Mean of the margins; 1 when no condition has a degree. */
  readonly margin: number
  /** Least evidence behind any input, 0–1; 1 when all are plain facts. */
  readonly evidence: number
  /** Null unless passed. */
  readonly confidence: number | null
}

const EVIDENCE_FEATURES = ['interactions', 'activityEvents'] as const

/** The counts a rule's evidence rests on, without repetition. */
export const evidenceFeatures = (rule: SegmentRule): readonly (typeof EVIDENCE_FEATURES)[number][] => {
  const used = new Set(rule.conditions.map((c) => (isExclusion(c) ? null : featureOf(c.feature).evidence)))
  return EVIDENCE_FEATURES.filter((name) => used.has(name))
}

const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 1 : numbers.reduce((total, n) => total + n, 0) / numbers.length

const traceRule = (rule: SegmentRule, row: FeatureRow, now: number, isHeld: (other: Segment) => boolean): RuleTrace => {
  const conditions = rule.conditions.map((condition): ConditionTrace => {
    if (isExclusion(condition)) return { condition, input: null, passed: !isHeld(condition.without), margin: null }
    const input = featureValue(condition.feature, row, now)
    return { condition, input, passed: holds(condition, row, now), margin: marginOf(condition, input) }
  })
  const passed = rule.enabled && conditions.every((c) => c.passed)
  const margin = mean(conditions.flatMap((c) => c.margin ?? []))
  const evidence = Math.min(
    1,
    ...evidenceFeatures(rule).map((name) => {
      const events = featureValue(name, row, now)
      return events / (events + EVIDENCE_HALF)
    }),
  )
  const shares = CONFIDENCE_SHARES
  const share = shares.passing + shares.margin * margin + shares.evidence * evidence
  return {
    rule,
    conditions,
    passed,
    margin,
    evidence,
    confidence: passed ? Math.floor(rule.baseConfidence * share + 0.5) : null,
  }
}

/**
 * What the rules say about one contact at `now`, all twelve of them. Pure and total. `pinned` are the segments a person
 * gave the contact by hand: they count as held where a rule excludes them. The SQL of rule-sql.store.ts decides the
 * same for whole tenants.
 */
export const evaluateRules = (
  rules: SegmentRules,
  row: FeatureRow,
  now: number,
  pinned: ReadonlySet<Segment> = new Set(),
): Readonly<Record<Segment, RuleTrace>> => {
  const traces = new Map<Segment, RuleTrace>()
  const traceOf = (segment: Segment): RuleTrace => {
    const known = traces.get(segment)
    if (known) return known
    const isHeld = (other: Segment) => pinned.has(other) || traceOf(other).passed
    const trace = traceRule(rules[segment], row, now, isHeld)
    traces.set(segment, trace)
    return trace
  }
  return forEachSegment(traceOf)
}

/** A segment a contact holds. */
export interface HeldSegment {
  readonly segment: Segment
  readonly source: AssignmentSource
  readonly confidence: number
}

/**
 * What the traces, a model's opinions (confidence by segment) and a person's hand add up to: the surer of rule and model,
 * the rule where both are as sure, and the hand over both. In the order of the vocabulary.
 */
export const mergeHeld = (
  traces: Readonly<Record<Segment, RuleTrace>>,
  pinned: ReadonlySet<Segment> = new Set(),
  opinions: ReadonlyMap<Segment, number> = new Map(),
): readonly HeldSegment[] =>
  SEGMENTS.flatMap((segment): HeldSegment[] => {
    if (pinned.has(segment)) return [{ segment, source: 'manual', confidence: MANUAL_CONFIDENCE }]
    const { confidence } = traces[segment]
    const opinion = opinions.get(segment)
    if (opinion !== undefined && opinion > (confidence ?? -1)) return [{ segment, source: 'ai', confidence: opinion }]
    return confidence === null ? [] : [{ segment, source: 'rule', confidence }]
  })

export type SegmentPriorities = Readonly<Record<Segment, number>>

/** Equal priorities are settled in this order, so that drifting confidences do not make the primary segment flap. */
const TIE_ORDER = [
  'HOT_LEAD',
  'LOYAL_CUSTOMER',
  'ENGAGED',
  'WARM_LEAD',
  'PREMIUM_POTENTIAL',
  'NEW_USER',
  'BOT_LOVER',
  'PRICE_SENSITIVE',
  'NIGHT_OWL',
  'SOCIAL_BUTTERFLY',
  'LURKER',
  'COLD_LEAD',
] as const satisfies readonly Segment[]

/** Priority 1–10 of each segment where the tenant has no strategy row for it. */
export const DEFAULT_SEGMENT_PRIORITIES: SegmentPriorities = {
  HOT_LEAD: 10,
  LOYAL_CUSTOMER: 9,
  ENGAGED: 8,
  WARM_LEAD: 7,
  PREMIUM_POTENTIAL: 7,
  NEW_USER: 6,
  BOT_LOVER: 6,
  PRICE_SENSITIVE: 6,
  NIGHT_OWL: 5,
  SOCIAL_BUTTERFLY: 5,
  LURKER: 3,
  COLD_LEAD: 2,
}

/** Segments in the order in which they become primary: highest priority first, ties in a fixed order. */
export const primaryOrder = (priorities: SegmentPriorities): readonly Segment[] =>
  [...TIE_ORDER].sort((a, b) => priorities[b] - priorities[a])

/** The segment that decides how a contact is spoken to, or null when none is sure enough. */
export const primaryOf = (held: readonly HeldSegment[], priorities: SegmentPriorities): Segment | null => {
  const sure = new Set(held.filter((h) => h.confidence >= PRIMARY_CONFIDENCE_MIN).map((h) => h.segment))
  return primaryOrder(priorities).find((segment) => sure.has(segment)) ?? null
}

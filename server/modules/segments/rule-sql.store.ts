import { SEGMENTS, type Segment } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { columnOf, featureSql, float, instant } from './feature-sql.store.ts'
import { INSTANTS_KEPT, RECENT_MS, featureOf } from './feature.rules.ts'
import {
  CONFIDENCE_SHARES,
  EVIDENCE_HALF,
  type FeatureCondition,
  type Operator,
  PRIMARY_CONFIDENCE_MIN,
  type SegmentPriorities,
  type SegmentRule,
  type SegmentRules,
  evidenceFeatures,
  isExclusion,
  primaryOrder,
} from './segment.rules.ts'

/** Column of a segment's confidence; its `_since` twin holds when the contact entered. */
export const columnOfSegment = (segment: Segment): string => segment.toLowerCase()

/** Bit of a segment in `held` and `pinned`. */
export const bitOfSegment = (segment: Segment): number => 1 << SEGMENTS.indexOf(segment)

const FLIPPED = { '>=': '<=', '>': '<', '<=': '>=', '<': '>', '=': '=' } as const satisfies Record<Operator, Operator>

/** An age is compared as an instant: "at most 3 days ago" is `at >= now − 3 d`. Never null, so it can be negated. */
const ageCondition = (column: string, never: number, { op, value }: FeatureCondition, now: number): string => {
  const threshold = Number(value)
  const test = `${column} ${FLIPPED[op]} ${instant(now - Math.round(threshold * DAY_MS))}`
  const neverPasses =
    op === '>='
      ? never >= threshold
      : op === '>'
        ? never > threshold
        : op === '<='
          ? never <= threshold
          : op === '<'
            ? never < threshold
            : never === threshold
  return neverPasses ? `(${column} is null or ${test})` : `(${column} is not null and ${test})`
}

/** At least n recent instants means: the n-th newest is recent. */
const recentCondition = (column: string, { op, value }: FeatureCondition, now: number): string => {
  const threshold = Number(value)
  const atLeast = (n: number): string =>
    n <= 0 ? 'true' : n > INSTANTS_KEPT ? 'false' : `(${column}[${n}] > ${instant(now - RECENT_MS)}) is true`
  switch (op) {
    case '>=':
      return atLeast(Math.ceil(threshold))
    case '>':
      return atLeast(Math.floor(threshold) + 1)
    case '<=':
      return `not (${atLeast(Math.floor(threshold) + 1)})`
    case '<':
      return `not (${atLeast(Math.ceil(threshold))})`
    case '=':
      return `(${atLeast(threshold)} and not (${atLeast(threshold + 1)}))`
  }
}

/** One comparison as a boolean over a row with the shared columns; never null. */
export const conditionSql = (condition: FeatureCondition, now: number): string => {
  const feature = featureOf(condition.feature)
  switch (feature.kind) {
    case 'number':
      return `${featureSql(condition.feature, now)} ${condition.op} ${float(Number(condition.value))}`
    case 'age':
      return ageCondition(columnOf(feature.instant), feature.never, condition, now)
    case 'recent':
      return recentCondition(columnOf(feature.instants), condition, now)
    case 'flag':
      return condition.value === true ? columnOf(feature.flag) : `not ${columnOf(feature.flag)}`
  }
}

/** What a comparison costs, so that a conjunction fails early on what is cheap. */
const costOf = (condition: FeatureCondition): number => {
  if (condition.feature === 'nightShare') return 2
  return featureOf(condition.feature).kind === 'recent' ? 1 : 0
}

const passSql = (rules: SegmentRules, segment: Segment, now: number, pinned: string | null): string => {
  const rule = rules[segment]
  if (!rule.enabled) return 'false'
  const own = rule.conditions
    .filter((c): c is FeatureCondition => !isExclusion(c))
    .sort((a, b) => costOf(a) - costOf(b))
    .map((c) => `(${conditionSql(c, now)})`)
  const exclusions = rule.conditions
    .filter(isExclusion)
    .flatMap(({ without }) => [
      ...(pinned === null ? [] : [`(${pinned} & ${bitOfSegment(without)}) = 0`]),
      `not (${passSql(rules, without, now, pinned)})`,
    ])
  return [...own, ...exclusions].join(' and ')
}

const marginSql = ({ feature: name, op, value }: FeatureCondition, now: number): string | null => {
  const feature = featureOf(name)
  if (feature.kind === 'flag') return null
  const t = Number(value)
  const x = featureSql(name, now)
  if (t <= 0) return float(1)
  const raw =
    op === '<=' || op === '<'
      ? `(${float(t)} - ${x}) / ${float(t)}`
      : feature.top === null
        ? `1 - ${float(t)} / ${x}`
        : t >= feature.top
          ? float(1)
          : `(${x} - ${float(t)}) / ${float(feature.top - t)}`
  return `least(1, greatest(0, ${raw}))`
}

const confidenceSql = (rule: SegmentRule, now: number): string => {
  const margins = rule.conditions.flatMap((c) => (isExclusion(c) ? [] : (marginSql(c, now) ?? [])))
  const margin = margins.length === 0 ? float(1) : `((${margins.join(' + ')}) / ${float(margins.length)})`
  const evidence = evidenceFeatures(rule).map((name) => {
    const events = featureSql(name, now)
    return `${events} / (${events} + ${float(EVIDENCE_HALF)})`
  })
  const least = evidence.length === 0 ? float(1) : `least(1, ${evidence.join(', ')})`
  const s = CONFIDENCE_SHARES
  const share = `${float(s.passing)} + ${float(s.margin)} * ${margin} + ${float(s.evidence)} * ${least}`
  return `floor(${float(rule.baseConfidence)} * (${share}) + 0.5::float8)::smallint`
}

/**
 * The rule of a segment as one smallint expression over a row with the shared columns: the confidence, or null when the
 * rule does not hold. Decides exactly as evaluateRules does. `pinned` is the expression of the mask of segments given by
 * hand, null when nobody has any.
 */
export const ruleSql = (rules: SegmentRules, segment: Segment, now: number, pinned: string | null): string =>
  `case when ${passSql(rules, segment, now, pinned)} then ${confidenceSql(rules[segment], now)} end`

/** The primary segment as one text expression over the confidences `column` names; null when there is none. */
export const primarySql = (priorities: SegmentPriorities, column: (segment: Segment) => string): string => {
  const cases = primaryOrder(priorities).map(
    (segment) => `when ${column(segment)} >= ${PRIMARY_CONFIDENCE_MIN} then '${segment}'`,
  )
  return `case ${cases.join(' ')} end`
}

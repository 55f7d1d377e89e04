import { SEGMENTS, type Segment } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

import { FEATURE_NAMES, type FeatureName, featureOf } from './feature.rules.ts'
import { type Condition, type FeatureCondition, OPERATORS, type SegmentRules, isExclusion } from './segment.rules.ts'

/** What somebody may say about a rule; `conditions` come from outside and are checked here. */
export interface SegmentRuleContent {
  readonly conditions: readonly Condition[]
  readonly baseConfidence: number
  readonly enabled: boolean
}

/** Refuses a name that is none of the twelve. */
export const requireSegment = (given: string): void => {
  if (!(SEGMENTS as readonly string[]).includes(given)) {
    throw invalid('segment_unknown', 'segment', { given: given.slice(0, 40), known: SEGMENTS.join(', ') })
  }
}

/** So many conditions a rule may have. */
export const CONDITIONS_MAX = 12
/** Thresholds keep four decimals, so that one in days is a whole number of milliseconds. */
const DECIMALS = 10_000

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What was given, short enough for an error. */
export const shown = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 60)

const parseExclusion = (given: Readonly<Record<string, unknown>>, field: string): Condition => {
  const without = SEGMENTS.find((segment) => segment === given['without'])
  if (!without) {
    throw invalid('segment_rule_segment', `${field}.without`, {
      given: shown(given['without']),
      known: SEGMENTS.join(', '),
    })
  }
  return { without }
}

const parseNumber = (name: FeatureName, value: unknown, field: string): number => {
  const feature = featureOf(name)
  if (feature.kind === 'flag') throw new TypeError(`${name} has no threshold`)
  const { min, max, isInteger } = feature
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min || value > max) {
    throw invalid('segment_rule_threshold', field, { feature: name, given: shown(value), min, max })
  }
  if (isInteger && !Number.isInteger(value)) {
    throw invalid('segment_rule_threshold_whole', field, { feature: name, given: value })
  }
  return Math.round(value * DECIMALS) / DECIMALS
}

/** A comparison of a feature, as somebody says it. Errors: `invalid/segment_rule_…` naming the part of `field`. */
export const parseFeatureCondition = (given: Readonly<Record<string, unknown>>, field: string): FeatureCondition => {
  const feature = FEATURE_NAMES.find((name) => name === given['feature'])
  if (!feature) {
    const params = { given: shown(given['feature']), known: FEATURE_NAMES.join(', ') }
    throw invalid('segment_rule_feature', `${field}.feature`, params)
  }
  const isFlag = featureOf(feature).kind === 'flag'
  const allowed = OPERATORS.filter((op) => (op === '=') === isFlag)
  const op = allowed.find((known) => known === given['op'])
  if (!op) {
    const params = { feature, given: shown(given['op']), known: allowed.join(' ') }
    throw invalid('segment_rule_operator', `${field}.op`, params)
  }
  const { value } = given
  if (!isFlag) return { feature, op, value: parseNumber(feature, value, `${field}.value`) }
  if (typeof value !== 'boolean') throw invalid('segment_rule_flag', `${field}.value`, { feature, given: shown(value) })
  return { feature, op, value }
}

const parseCondition = (given: unknown, field: string): Condition => {
  if (!isRecord(given)) throw invalid('segment_rule_condition', field, { given: shown(given) })
  return 'without' in given ? parseExclusion(given, field) : parseFeatureCondition(given, field)
}

interface Bounds {
  readonly low: number
  readonly lowOpen: boolean
  readonly high: number
  readonly highOpen: boolean
}

const narrow = (bounds: Bounds, { op, value }: FeatureCondition): Bounds => {
  const t = Number(value)
  if (op === '>' || op === '>=') {
    const isTighter = t > bounds.low || (t === bounds.low && op === '>')
    return isTighter ? { ...bounds, low: t, lowOpen: op === '>' } : bounds
  }
  if (op === '<' || op === '<=') {
    const isTighter = t < bounds.high || (t === bounds.high && op === '<')
    return isTighter ? { ...bounds, high: t, highOpen: op === '<' } : bounds
  }
  return { low: Math.max(bounds.low, t), lowOpen: false, high: Math.min(bounds.high, t), highOpen: false }
}

/** Comparisons nobody can meet together are refused: they are a slip, and disabling a rule says the same aloud. */
export const refuseContradictions = (conditions: readonly (FeatureCondition | object)[]): void => {
  const boundsOf = new Map<FeatureName, Bounds>()
  for (const [index, condition] of conditions.entries()) {
    if (!('feature' in condition)) continue
    const { feature } = condition
    const definition = featureOf(feature)
    const top = definition.kind === 'flag' ? 1 : definition.kind === 'age' ? Infinity : (definition.top ?? Infinity)
    const bounds = narrow(boundsOf.get(feature) ?? { low: 0, lowOpen: false, high: top, highOpen: false }, condition)
    if (bounds.low > bounds.high || (bounds.low === bounds.high && (bounds.lowOpen || bounds.highOpen))) {
      throw invalid('segment_rule_contradiction', `conditions[${index}]`, { feature })
    }
    boundsOf.set(feature, bounds)
  }
}

/** Exclusions must end somewhere: A without B and B without A would have no answer. */
const refuseCycles = (segment: Segment, conditions: readonly Condition[], rules: SegmentRules): void => {
  const excludedBy = (of: Segment): readonly Segment[] =>
    (of === segment ? conditions : rules[of].conditions).filter(isExclusion).map((c) => c.without)
  const reaches = (from: Segment, seen: ReadonlySet<Segment>): boolean =>
    excludedBy(from).some((next) => next === segment || (!seen.has(next) && reaches(next, new Set([...seen, next]))))
  if (reaches(segment, new Set())) {
    const index = conditions.findIndex(isExclusion)
    throw invalid('segment_rule_cycle', `conditions[${index}].without`, { segment })
  }
}

/**
 * Checks what somebody says a rule should be, against the other rules in force. Errors: `invalid/segment_rule_…` naming
 * the field (`conditions[1].value`), what was given and what would be right.
 */
export const parseSegmentRule = (
  segment: Segment,
  given: { readonly conditions: unknown; readonly baseConfidence: unknown; readonly enabled?: unknown },
  rules: SegmentRules,
): SegmentRuleContent => {
  const { conditions, baseConfidence, enabled = true } = given
  if (typeof enabled !== 'boolean') throw invalid('segment_rule_enabled', 'enabled', { given: shown(enabled) })
  if (
    typeof baseConfidence !== 'number' ||
    !Number.isInteger(baseConfidence) ||
    baseConfidence < 1 ||
    baseConfidence > 100
  ) {
    throw invalid('segment_rule_confidence', 'baseConfidence', { given: shown(baseConfidence), min: 1, max: 100 })
  }
  if (!Array.isArray(conditions) || conditions.length === 0 || conditions.length > CONDITIONS_MAX) {
    throw invalid('segment_rule_conditions', 'conditions', { min: 1, max: CONDITIONS_MAX })
  }
  const parsed = conditions.map((condition, index) => parseCondition(condition, `conditions[${index}]`))
  if (parsed.every(isExclusion)) throw invalid('segment_rule_only_exclusions', 'conditions')
  refuseContradictions(parsed)
  refuseCycles(segment, parsed, rules)
  return { conditions: parsed, baseConfidence, enabled }
}

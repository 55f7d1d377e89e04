import type { api } from '#contract/api.ts'
import type { RouteInput, RouteOutput } from '#contract/route.ts'
import { CONSENT_PURPOSES, SEGMENTS } from '#contract/words.ts'

type OwnList = RouteOutput<typeof api.ownSegments.list>
export type OwnSegment = OwnList['items'][number]
export type OwnCondition = OwnSegment['conditions'][number]
export type Feature = OwnList['features'][number]
export type GivenConditions = RouteInput<typeof api.ownSegments.preview>['body']['conditions']

/** What a condition can be about besides the features. */
export const OTHER_KINDS = ['tag', 'consent', 'segment'] as const
export type OtherKind = (typeof OTHER_KINDS)[number]
export const ORDERS = ['>=', '>', '<=', '<'] as const

/** A line of the builder; `value` is what its field shows, a share in percent. */
export interface Line {
  readonly key: number
  /** A feature or one of {@link OTHER_KINDS}. */
  readonly about: string
  readonly op: string
  readonly is: boolean
  readonly value: string | number
}

const SHARES: ReadonlySet<string> = new Set(['nightShare'])
const SCORES: ReadonlySet<string> = new Set(['engagement', 'conversion'])
const DAYS: ReadonlySet<string> = new Set(['daysSinceSeen', 'daysKnown', 'daysSincePaid', 'memberDays'])

/** In what a feature is measured. */
export const unitOf = (feature: string): 'percent' | 'points' | 'days' | 'times' => {
  if (SHARES.has(feature)) return 'percent'
  if (SCORES.has(feature)) return 'points'
  return DAYS.has(feature) ? 'days' : 'times'
}

/** How much larger a feature is on the screen than it is stored. */
const scaleOf = (feature: string): number => (SHARES.has(feature) ? 100 : 1)

/** The thresholds of a feature as its field shows them; null for one that is true or false. */
export const boundsOf = (
  features: readonly Feature[],
  about: string,
): { readonly min: number; readonly max: number; readonly isInteger: boolean } | null => {
  const feature = features.find(({ name }) => name === about)
  if (feature === undefined || feature.isFlag) return null
  const scale = scaleOf(about)
  return { min: feature.min * scale, max: feature.max * scale, isInteger: feature.isInteger }
}

const otherOf = (about: string): OtherKind | undefined => OTHER_KINDS.find((kind) => kind === about)

/** A line about this, with what is meant most often. */
export const lineAbout = (key: number, about: string, tags: readonly string[]): Line => {
  const first = { tag: tags[0] ?? '', consent: CONSENT_PURPOSES[0], segment: SEGMENTS[0] }
  const kind = otherOf(about)
  return { key, about, op: '>=', is: true, value: kind === undefined ? '' : first[kind] }
}

export const lineFrom = (condition: OwnCondition, key: number): Line => {
  if ('feature' in condition) {
    const { feature, op, value } = condition
    const shown = typeof value === 'number' ? value * scaleOf(feature) : ''
    return { key, about: feature, op, is: value === true, value: shown }
  }
  const [about, value] =
    'tag' in condition
      ? ['tag', condition.tag]
      : 'consent' in condition
        ? ['consent', condition.consent]
        : ['segment', condition.segment]
  return { key, about, op: '>=', is: condition.is, value }
}

/** The line as the server takes it; null while its value is missing. */
const conditionFrom = (features: readonly Feature[], line: Line): GivenConditions[number] | null => {
  const { about, op, is, value } = line
  const kind = otherOf(about)
  if (kind !== undefined) return value === '' ? null : { [kind]: String(value), is }
  if (features.some(({ name, isFlag }) => name === about && isFlag)) return { feature: about, op: '=', value: is }
  return value === '' ? null : { feature: about, op, value: Number(value) / scaleOf(about) }
}

/** All lines as the server takes them; null while one is not complete. */
export const conditionsFrom = (features: readonly Feature[], lines: readonly Line[]): GivenConditions | null => {
  const conditions = lines.map((line) => conditionFrom(features, line))
  const whole = conditions.filter((condition) => condition !== null)
  return whole.length === 0 || whole.length < conditions.length ? null : whole
}

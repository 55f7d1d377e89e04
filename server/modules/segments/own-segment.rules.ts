import { CONSENT_PURPOSES, type ConsentPurpose, SEGMENTS, type Segment } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { TAG_MAX, cleanTag } from '#server/modules/contacts/index.ts'

import type { FeatureRow } from './feature.rules.ts'
import { CONDITIONS_MAX, isRecord, parseFeatureCondition, refuseContradictions, shown } from './segment-rule.rules.ts'
import { type FeatureCondition, holds } from './segment.rules.ts'

/** A condition of a tenant's own segment. `is` false turns it round: without the tag, without the consent, not in the segment. */
export type OwnCondition =
  | FeatureCondition
  | { readonly tag: string; readonly is: boolean }
  | { readonly consent: ConsentPurpose; readonly is: boolean }
  | { readonly segment: Segment; readonly is: boolean }

/** A segment a tenant made for itself: everybody for whom all conditions hold at the moment it is asked. */
export interface OwnSegment {
  readonly id: number
  readonly name: string
  readonly conditions: readonly OwnCondition[]
  /** Counts changes, from 1. */
  readonly version: number
  readonly changedBy: string
  /** Epoch ms. */
  readonly createdAt: number
  readonly changedAt: number
}

/** What an own segment reads about a person. */
export interface OwnPerson {
  readonly row: FeatureRow
  readonly tags: readonly string[]
  readonly consents: ReadonlySet<ConsentPurpose>
  /** Segments as last assigned. */
  readonly held: ReadonlySet<Segment>
}

const conditionHolds = (condition: OwnCondition, { row, tags, consents, held }: OwnPerson, now: number): boolean => {
  if ('feature' in condition) return holds(condition, row, now)
  if ('tag' in condition) return tags.includes(condition.tag) === condition.is
  if ('consent' in condition) return consents.has(condition.consent) === condition.is
  return held.has(condition.segment) === condition.is
}

/** Whether somebody belongs at `now` (epoch ms). The SQL twin is in own-segment-sql.store.ts. */
export const fitsOwnSegment = (conditions: readonly OwnCondition[], person: OwnPerson, now: number): boolean =>
  conditions.every((condition) => conditionHolds(condition, person, now))

export const OWN_SEGMENTS_MAX = 50
const NAME_MAX = 60

/** A name as it is compared: in Turkish `I` is the capital of `ı`, and `İ` that of `i`. */
export const ownNameKey = (name: string): string => name.toLocaleLowerCase('tr')

/** The name, without spaces around it or doubled within. Errors: `invalid/own_segment_name`. */
export const parseOwnName = (given: unknown): string => {
  const name = typeof given === 'string' ? given.normalize('NFC').trim().replaceAll(/\s+/gu, ' ') : ''
  if (name === '' || name.length > NAME_MAX || /\p{C}/u.test(name.replaceAll('\u200d', '')) || !name.isWellFormed())
    throw invalid('own_segment_name', 'name', { max: NAME_MAX })
  return name
}

const parseIs = (given: Readonly<Record<string, unknown>>, field: string): boolean => {
  const { is = true } = given
  if (typeof is !== 'boolean') throw invalid('own_segment_is', `${field}.is`, { given: shown(is) })
  return is
}

const wordOf = <W extends string>(words: readonly W[], given: unknown, code: string, field: string): W => {
  const word = words.find((known) => known === given)
  if (word === undefined) throw invalid(code, field, { given: shown(given), known: words.join(', ') })
  return word
}

const parseCondition = (given: unknown, field: string): OwnCondition => {
  if (!isRecord(given)) throw invalid('segment_rule_condition', field, { given: shown(given) })
  if ('tag' in given) {
    const tag = typeof given['tag'] === 'string' ? cleanTag(given['tag']) : ''
    if (tag === '' || tag.length > TAG_MAX) throw invalid('own_segment_tag', `${field}.tag`, { max: TAG_MAX })
    return { tag, is: parseIs(given, field) }
  }
  if ('consent' in given) {
    const consent = wordOf(CONSENT_PURPOSES, given['consent'], 'own_segment_consent', `${field}.consent`)
    return { consent, is: parseIs(given, field) }
  }
  if ('segment' in given) {
    const segment = wordOf(SEGMENTS, given['segment'], 'segment_rule_segment', `${field}.segment`)
    return { segment, is: parseIs(given, field) }
  }
  return parseFeatureCondition(given, field)
}

/** With a tag and without it, for example: nobody is both. */
const refuseOpposites = (conditions: readonly OwnCondition[]): void => {
  const seen = new Map<string, boolean>()
  for (const [index, condition] of conditions.entries()) {
    if ('feature' in condition) continue
    const { is, ...what } = condition
    const key = JSON.stringify(what)
    if (seen.has(key) && seen.get(key) !== is)
      throw invalid('own_segment_opposites', `conditions[${index}]`, { what: Object.values(what).join() })
    seen.set(key, is)
  }
}

/**
 * The conditions somebody wants, 1–12 that must all hold. Errors: `invalid/segment_rule_…` and `invalid/own_segment_…` naming
 * the part at fault (`conditions[1].value`), what was given and what would be right.
 */
export const parseOwnConditions = (given: unknown): readonly OwnCondition[] => {
  if (!Array.isArray(given) || given.length === 0 || given.length > CONDITIONS_MAX)
    throw invalid('segment_rule_conditions', 'conditions', { min: 1, max: CONDITIONS_MAX })
  const parsed = given.map((condition, index) => parseCondition(condition, `conditions[${index}]`))
  refuseContradictions(parsed)
  refuseOpposites(parsed)
  return parsed
}

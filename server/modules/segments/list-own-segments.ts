import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type Contact,
  type ContactFilter,
  type ContactPage,
  type ContactTest,
  getContact,
  listContacts,
} from '#server/modules/contacts/index.ts'

import { FEATURE_NAMES, type FeatureName, featureOf } from './feature.rules.ts'
import { anyOwnSegmentSql, matchOwnSegment, withinAnswerTime } from './own-segment-sql.store.ts'
import { type OwnSegment, parseOwnConditions } from './own-segment.rules.ts'
import { selectOwnSegments, selectOwnSegmentsOf } from './own-segment.store.ts'

/** The tenant's own segments, by name. */
export const listOwnSegments = (tx: TenantTx): Promise<readonly OwnSegment[]> => selectOwnSegments(tx)

/** Those of these numbers that exist; `lock` keeps them until the caller's transaction ends. */
export const findOwnSegments = (
  tx: TenantTx,
  ids: readonly number[],
  lock: 'share' | null = null,
): Promise<readonly OwnSegment[]> => selectOwnSegmentsOf(tx, ids, lock)

/** Errors: `not_found`. */
export const getOwnSegment = async (tx: TenantTx, id: number): Promise<OwnSegment> => {
  const [found] = await selectOwnSegmentsOf(tx, [id])
  if (!found) throw notFound('own_segment', id)
  return found
}

/** A feature that a condition may compare, with the thresholds it takes; a flag takes true and false. */
export type FeatureChoice =
  | { readonly name: FeatureName; readonly isFlag: true }
  | {
      readonly name: FeatureName
      readonly isFlag: false
      readonly min: number
      readonly max: number
      readonly isInteger: boolean
    }

/** Everything a comparison can be about. */
export const listFeatureChoices = (): readonly FeatureChoice[] =>
  FEATURE_NAMES.map((name) => {
    const feature = featureOf(name)
    if (feature.kind === 'flag') return { name, isFlag: true }
    const { min, max, isInteger } = feature
    return { name, isFlag: false, min, max, isInteger }
  })

export interface OwnPreview {
  /** Living contacts who fit. */
  readonly count: number
  /** Ten of them, seen last first. */
  readonly sample: readonly Contact[]
}

const SAMPLE = 10

/**
 * Who would belong to a segment of these conditions at `now` (epoch ms). Writes nothing; ends after eight seconds. Errors:
 * those of `parseOwnConditions`, `unavailable/own_segment_slow`.
 */
export const previewOwnSegment = async (tx: TenantTx, conditions: unknown, now: number): Promise<OwnPreview> => {
  const parsed = parseOwnConditions(conditions)
  const { count, ids } = await withinAnswerTime(tx, () => matchOwnSegment(tx, parsed, now, SAMPLE))
  const sample: Contact[] = []
  for (const id of ids) sample.push(await getContact(tx, id))
  return { count, sample }
}

/**
 * A page of the contacts that belong to an own segment at `now`, otherwise as `listContacts`. Errors: as those,
 * `not_found`, `unavailable/own_segment_slow`.
 */
export const listContactsOfOwnSegment = async (
  tx: TenantTx,
  id: number,
  filter: ContactFilter,
  page: { readonly cursor?: string | null; readonly limit?: number },
  now: number,
): Promise<ContactPage> => {
  const { conditions } = await getOwnSegment(tx, id)
  const fits: ContactTest = (contactId) => anyOwnSegmentSql([conditions], { tenantId: tx.tenantId, contactId, now })
  return withinAnswerTime(tx, () => listContacts(tx, { ...filter, fits }, page))
}

/**
 * Whether a contact belongs to any of these own segments at `now`, as a condition for a query about people. Nobody
 * belongs to one that is gone.
 */
export const findOwnSegmentTest = async (tx: TenantTx, ids: readonly number[], now: number): Promise<ContactTest> => {
  const conditions = (await selectOwnSegmentsOf(tx, ids)).map((segment) => segment.conditions)
  return (contactId) => anyOwnSegmentSql(conditions, { tenantId: tx.tenantId, contactId, now })
}

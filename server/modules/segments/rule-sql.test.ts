import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'

import { SEGMENTS, type Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { scoresSql } from './assessment.store.ts'
import { DEFAULT_SEGMENT_RULES } from './default-segment.rules.ts'
import { comparison, featureRow, storeFeatures } from './feature-people.suite.ts'
import { FEATURE_NAMES, type FeatureName, featureValues } from './feature.rules.ts'
import { featureSql } from './feature-sql.store.ts'
import { columnOfSegment } from './rule-sql.store.ts'
import { type Condition, type SegmentRules, evaluateRules, forEachSegment } from './segment.rules.ts'

const rules: fc.Arbitrary<SegmentRules> = fc
  .tuple(
    ...SEGMENTS.map((segment, index) =>
      fc.record({
        segment: fc.constant(segment),
        version: fc.constant(1),
        enabled: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
        baseConfidence: fc.integer({ min: 0, max: 100 }),
        conditions: fc
          .tuple(
            fc.array(comparison, { minLength: 1, maxLength: 3 }),
            // Only earlier segments are excluded, so no rule excludes itself by a detour.
            index === 0 ? fc.constant(null) : fc.option(fc.integer({ min: 0, max: index - 1 })),
          )
          .map(([own, other]): Condition[] =>
            other === null ? own : [...own, { without: SEGMENTS[other] ?? 'HOT_LEAD' }],
          ),
      }),
    ),
  )
  .map((list) => Object.fromEntries(list.map((rule) => [rule.segment, rule])) as Record<Segment, (typeof list)[number]>)

const PEOPLE = 12

let db: Db
let tenantId: number
let contactIds: number[]

beforeAll(async () => {
  const database = await createTestDatabase()
  db = createDb(database.pool)
  tenantId = await createTenant(db)
  contactIds = []
  for (let n = 0; n < PEOPLE; n++) contactIds.push(await createContact(db, tenantId))
})

/** The scores of everybody of the tenant, in the order of ids. */
const select = (columns: string, given: SegmentRules, hasPins: boolean): string => {
  const text = scoresSql(
    { rules: given, hasPins, hasOpinions: false, now: NOON },
    (alias) => `${alias}.tenant_id = ${tenantId}`,
  )
  return `select ${columns} from (${text}) s order by contact_id`
}

const people = fc.array(featureRow, { minLength: PEOPLE, maxLength: PEOPLE })

describe('ruleSql', () => {
  test('decides as evaluateRules does, to the last point of confidence, for any rules and any people', async () => {
    const pins = fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(rules, people, pins, async (given, rows, pinned) => {
        const found = await inTenant(db, tenantId, async (tx) => {
          await tx.deleteFrom('segment_pin').execute()
          for (const [n, contactId] of contactIds.entries()) await storeFeatures(tx, contactId, rows[n]!)
          const first = contactIds[0]!
          for (const segment of new Set(pinned)) {
            const pin = { tenant_id: tenantId, contact_id: first, segment, pinned_by: 'test', since: toDate(NOON) }
            await tx.insertInto('segment_pin').values(pin).execute()
          }
          const columns = SEGMENTS.map((s) => `r_${columnOfSegment(s)} as "${s}"`).join(', ')
          return sql.raw<Record<Segment, number | null>>(select(columns, given, pinned.length > 0)).execute(tx)
        })
        const expected = rows.map((row, n) => {
          const traces = evaluateRules(given, row, NOON, new Set(n === 0 ? pinned : []))
          return forEachSegment((segment) => traces[segment].confidence)
        })
        expect(found.rows).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})

describe('featureSql', () => {
  test('gives the value of featureValue, also where a score comes to nothing or to its end', async () => {
    await fc.assert(
      fc.asyncProperty(people, async (rows) => {
        const found = await inTenant(db, tenantId, async (tx) => {
          for (const [n, contactId] of contactIds.entries()) await storeFeatures(tx, contactId, rows[n]!)
          const columns = FEATURE_NAMES.map((name) => `${featureSql(name, NOON)} as "${name}"`).join(', ')
          return sql.raw<Record<FeatureName, number>>(select(columns, DEFAULT_SEGMENT_RULES, false)).execute(tx)
        })
        for (const [n, row] of rows.entries()) {
          const values = featureValues(row, NOON)
          for (const name of FEATURE_NAMES) expect(found.rows[n]?.[name]).toBeCloseTo(values[name], 9)
        }
      }),
      { numRuns: 25 },
    )
  })
})

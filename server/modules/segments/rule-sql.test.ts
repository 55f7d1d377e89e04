import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'

import { SEGMENTS, type Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { scoresSql } from './assessment.store.ts'
import { DEFAULT_SEGMENT_RULES } from './default-segment.rules.ts'
import { FEATURE_NAMES, type FeatureName, type FeatureRow, featureOf, featureValues } from './feature.rules.ts'
import { featureSql } from './feature-sql.store.ts'
import { columnOfSegment } from './rule-sql.store.ts'
import { type Condition, type SegmentRules, evaluateRules, forEachSegment } from './segment.rules.ts'

const ago = (maxDays: number) =>
  fc.oneof(
    // Around the thresholds of the rules, to the millisecond.
    fc
      .tuple(fc.constantFrom(0, 3, 7, 14, 30, 35), fc.integer({ min: -1, max: 1 }))
      .map(([d, ms]) => NOON - d * DAY_MS + ms),
    fc.integer({ min: 0, max: maxDays * DAY_MS }).map((ms) => NOON - ms),
  )
const newestFirst = fc.array(ago(60), { maxLength: 8 }).map((list) => list.sort((a, b) => b - a))
const count = (max: number) => fc.integer({ min: 0, max })

const featureRow: fc.Arbitrary<FeatureRow> = fc.record({
  firstSeenAt: ago(200),
  lastSeenAt: fc.option(ago(90)),
  isPremium: fc.boolean(),
  inboundCount: count(20),
  outboundCount: count(20),
  responseCount: count(10),
  clickCount: count(5),
  reactionCount: count(5),
  orderCount: count(3),
  lastPaidAt: fc.option(ago(60)),
  accountCount: count(5),
  engagementMass: fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 0, max: 40, noNaN: true }) },
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  ),
  engagementAt: fc.option(fc.oneof({ weight: 4, arbitrary: ago(30) }, ago(20_000))),
  memberSince: fc.option(ago(60)),
  priceIntentAt: newestFirst,
  groupMessageAt: newestFirst,
  chatActiveAt: newestFirst,
  hourCounts: fc.array(count(4), { minLength: 24, maxLength: 24 }),
})

const condition = fc.constantFrom(...FEATURE_NAMES).chain((feature): fc.Arbitrary<Condition> => {
  const definition = featureOf(feature)
  if (definition.kind === 'flag')
    return fc.record({ feature: fc.constant(feature), op: fc.constant('=' as const), value: fc.boolean() })
  const max = Math.min(definition.max, definition.kind === 'age' ? 60 : (definition.top ?? 12))
  const value = definition.isInteger
    ? fc.integer({ min: 0, max })
    : fc.double({ min: 0, max, noNaN: true }).map((v) => Math.round(v * 100) / 100)
  return fc.record({ feature: fc.constant(feature), op: fc.constantFrom('>=', '>', '<=', '<'), value })
})

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
            fc.array(condition, { minLength: 1, maxLength: 3 }),
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

const dates = (list: readonly number[]) => list.map(toDate)
const dateOf = (at: number | null) => (at === null ? null : toDate(at))

const storeFeatures = async (tx: TenantTx, contactId: number, row: FeatureRow): Promise<void> => {
  await tx
    .updateTable('contact_feature')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .set({
      first_seen_at: toDate(row.firstSeenAt),
      last_seen_at: dateOf(row.lastSeenAt),
      is_premium: row.isPremium,
      inbound_count: row.inboundCount,
      outbound_count: row.outboundCount,
      response_count: row.responseCount,
      click_count: row.clickCount,
      reaction_count: row.reactionCount,
      order_count: row.orderCount,
      last_paid_at: dateOf(row.lastPaidAt),
      account_count: row.accountCount,
      engagement_mass: row.engagementMass,
      engagement_at: dateOf(row.engagementAt),
      member_since: dateOf(row.memberSince),
      price_intent_at: dates(row.priceIntentAt),
      group_message_at: dates(row.groupMessageAt),
      chat_active_at: dates(row.chatActiveAt),
      hour_counts: [...row.hourCounts],
    })
    .execute()
}

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

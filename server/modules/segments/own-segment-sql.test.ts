import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { CONSENT_PURPOSES, type ConsentPurpose, SEGMENTS, type Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { comparison, featureRow, storeFeatures } from './feature-people.suite.ts'
import { matchOwnSegment, ownSegmentSql, withinAnswerTime } from './own-segment-sql.store.ts'
import { type OwnCondition, type OwnPerson, fitsOwnSegment } from './own-segment.rules.ts'
import { columnOfSegment } from './rule-sql.store.ts'

const PEOPLE = 10
const TAGS = ['vip', 'kış', "o'neill", '{a,"b"}']

const subset = <T>(of: readonly T[]) => fc.subarray([...of])
const person: fc.Arbitrary<OwnPerson> = fc.record({
  row: featureRow,
  tags: subset(TAGS),
  consents: subset(CONSENT_PURPOSES).map((list) => new Set<ConsentPurpose>(list)),
  held: subset(SEGMENTS).map((list) => new Set<Segment>(list)),
})
const people = fc.array(person, { minLength: PEOPLE, maxLength: PEOPLE })
const is = fc.boolean()
const conditions: fc.Arbitrary<OwnCondition[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: comparison },
    fc.record({ tag: fc.constantFrom(...TAGS), is }),
    fc.record({ consent: fc.constantFrom(...CONSENT_PURPOSES), is }),
    fc.record({ segment: fc.constantFrom(...SEGMENTS), is }),
  ),
  { minLength: 1, maxLength: 3 },
)

let db: Db
let tenantId: number
let contactIds: number[]
/** Every word of consent needs a proof; one is enough here. */
let ledgerId: number
const inside = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)

const storePerson = async (tx: TenantTx, contactId: number, { row, tags, consents, held }: OwnPerson) => {
  await storeFeatures(tx, contactId, row)
  await tx
    .updateTable('contact')
    .set({ tags: [...tags] })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', contactId)
    .execute()
  const at = toDate(NOON)
  for (const purpose of CONSENT_PURPOSES)
    await sql`insert into contact_consent (tenant_id, contact_id, purpose, granted, ledger_id, changed_at)
      values (${tenantId}, ${contactId}, ${purpose}, ${consents.has(purpose)}, ${ledgerId}, ${at})`.execute(tx)
  const columns = [...held].flatMap((segment) => {
    const column = columnOfSegment(segment)
    return [
      [column, 80],
      [`${column}_since`, at],
    ] as const
  })
  await tx
    .insertInto('segment_assignment')
    .values({
      tenant_id: tenantId,
      contact_id: contactId,
      rule_revision: 1,
      inputs: [],
      assessed_at: at,
      ...Object.fromEntries(columns),
    })
    .execute()
}

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  tenantId = await createTenant(db)
  const other = await createTenant(db)
  contactIds = []
  for (let n = 0; n < PEOPLE; n++) {
    contactIds.push(await createContact(db, tenantId))
    // Somebody else's people are nobody here.
    await createContact(db, other)
  }
  const { rows } = await sql<{ id: number }>`
    insert into consent_ledger (tenant_id, contact_id, purpose, granted, text_version, source, at, recorded_at)
    values (${tenantId}, ${contactIds[0]}, 'marketing', true, '1', 'import', ${toDate(NOON)}, ${toDate(NOON)})
    returning id`.execute(db)
  ledgerId = rows[0]?.id ?? 0
})

describe('ownSegmentSql', () => {
  it('finds those for whom the conditions hold, one by one and all at once, for any conditions and any people', async () => {
    await fc.assert(
      fc.asyncProperty(people, conditions, async (given, wanted) => {
        const found = await inside(async (tx) => {
          await tx.deleteFrom('contact_consent').execute()
          await tx.deleteFrom('segment_assignment').execute()
          for (const [n, contactId] of contactIds.entries()) await storePerson(tx, contactId, given[n]!)
          const place = { tenantId, contactId: sql.ref('c.id'), now: NOON, way: 'each' } as const
          const { rows } = await sql<{ id: number }>`
            select id from contact c where ${ownSegmentSql(wanted, place)} order by id`.execute(tx)
          const { count, ids } = await matchOwnSegment(tx, wanted, NOON, PEOPLE)
          return { each: rows.map(({ id }) => id), all: ids.toSorted((a, b) => a - b), count }
        })
        const expected = contactIds.filter((_, n) => fitsOwnSegment(wanted, given[n]!, NOON))
        expect(found).toEqual({ each: expected, all: expected, count: expected.length })
      }),
      { numRuns: 60 },
    )
  })
})

describe('withinAnswerTime', () => {
  it('ends a look-up that takes too long with a refusal that says what helps', async () => {
    const asked = inside(async (tx) => withinAnswerTime(tx, () => sql`select pg_sleep(60)`.execute(tx), 50))
    await expect(asked).rejects.toMatchObject({ kind: 'unavailable', code: 'own_segment_slow' })
  })

  it('lets the rest of the transaction take its time', async () => {
    const after = await inside(async (tx) => {
      await withinAnswerTime(tx, () => sql`select 1`.execute(tx), 50)
      const { rows } = await sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(tx)
      return rows[0]?.limit
    })
    expect(after).toBe('0')
  })
})

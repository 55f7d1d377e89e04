import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { seededRandom } from '#server/base/random.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import {
  assignSegments,
  explainSegments,
  findSegments,
  listSegmentHistory,
  recomputeSegments,
  setManualSegment,
} from './index.ts'

let ours: Db
let theirs: Db

beforeAll(async () => {
  const database = await createTestDatabase()
  ours = createDb(database.pool)
  theirs = createDb(
    createPool({ connectionString: database.connectionString, min: 0, max: 5, applicationName: 'other process' }),
  )
  return () => theirs.destroy()
})

describe('recomputeSegments', () => {
  it('agrees with the rules when passes, batches, hands and deletions of two processes meet', async () => {
    const tenantId = await createTenant(ours)
    const clock = new ManualClock(NOON)
    const random = seededRandom(7)
    const ids: number[] = []
    for (let n = 0; n < 140; n++) ids.push(await createContact(ours, tenantId, { at: NOON - 60 * DAY_MS }))
    const disturb = async (db: Db, id: number) => {
      await db
        .updateTable('contact_feature')
        .set({
          engagement_mass: random.next() * 20,
          engagement_at: toDate(NOON),
          inbound_count: Math.floor(random.next() * 15),
          last_seen_at: toDate(NOON - random.next() * 40 * DAY_MS),
          account_count: Math.floor(random.next() * 5),
        })
        .where('contact_id', '=', id)
        .execute()
      await assignSegments({ db, clock }, tenantId, [id])
    }
    // As many at once as the pools have connections, so that nobody's patience with a pool is what is tested.
    const hands = [ours, ours, ours, ours, theirs, theirs].map((db, hand, { length }) => async () => {
      for (const id of ids.filter((_, n) => n % length === hand)) await disturb(db, id)
    })
    const doomed = ids.slice(0, 6)
    const pinned = ids.slice(6, 12)
    await Promise.all([
      ...[ours, theirs, ours, theirs].map((db) => recomputeSegments({ db, clock }, tenantId, { chunkSize: 20 })),
      ...hands.map((hand) => hand()),
      ...doomed.map((id) => theirs.deleteFrom('contact').where('id', '=', id).execute()),
      ...pinned.map((contactId) =>
        inTenant(ours, tenantId, (tx) =>
          setManualSegment(tx, { contactId, segment: 'NIGHT_OWL', by: 'test', now: NOON }),
        ),
      ),
    ])
    await inTenant(ours, tenantId, async (tx) => {
      expect(await findSegments(tx, doomed)).toEqual([])
      for (const id of ids.slice(6)) {
        const { segments, primary } = await explainSegments(tx, id, NOON)
        const [assignment] = await findSegments(tx, [id])
        const expected = segments.flatMap((s) => (s.source === null ? [] : [[s.segment, s.source, s.heldConfidence]]))
        expect(assignment?.holdings.map((h) => [h.segment, h.source, h.confidence]) ?? []).toEqual(expected)
        expect(assignment?.primarySegment ?? null).toBe(primary.segment)
        const open = (await listSegmentHistory(tx, id, NOON)).filter((stay) => stay.until === null)
        expect(new Set(open.map((stay) => stay.segment)).size).toBe(open.length)
      }
    })
  })
})

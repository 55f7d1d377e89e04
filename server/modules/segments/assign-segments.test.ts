import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { assignSegments, findSegments, listSegmentHistory, setManualSegment } from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, inside, setFeatures, createHot, createLurker, held } = usePeople()

const movedIds = async (): Promise<readonly number[]> => {
  const rows = await world.db
    .selectFrom('domain_event')
    .select('payload')
    .where('tenant_id', '=', world.tenantId)
    .where('type', '=', 'segment.changed')
    .orderBy('id')
    .execute()
  return rows.flatMap((row) => (row.payload as { contactIds: number[] }).contactIds)
}

describe('assignSegments', () => {
  it('assigns by the rules, with source, confidence, reasons and beginning, and tells who moved', async () => {
    const id = await createHot()
    expect(await assignSegments(world.deps, world.tenantId, [id])).toEqual({ assessed: 1, written: 1, moved: 1 })
    const [assignment] = await inside((tx) => findSegments(tx, [id]))
    expect(assignment?.primarySegment).toBe('HOT_LEAD')
    expect(assignment?.holdings.map((h) => [h.segment, h.source, h.since])).toEqual([
      ['HOT_LEAD', 'rule', NOON],
      ['ENGAGED', 'rule', NOON],
    ])
    expect(await movedIds()).toEqual([id])
    const history = await inside((tx) => listSegmentHistory(tx, id, NOON))
    expect(history[0]).toMatchObject({ segment: 'HOT_LEAD', source: 'rule', since: NOON, until: null })
    expect(history[0]?.reasons).toMatchObject({
      kind: 'rule',
      version: 1,
      conditions: [
        { condition: { feature: 'engagement', op: '>=', value: 70 }, input: expect.closeTo(90.3, 0) },
        { condition: { feature: 'conversion' } },
        { condition: { feature: 'interactions', value: 5 }, input: 14 },
        { condition: { feature: 'daysSinceSeen', op: '<=', value: 3 }, input: expect.closeTo(1 / 24, 6) },
      ],
    })
  })

  it('writes and tells nothing when nothing changed', async () => {
    const ids = [await createHot(), await createLurker(), await createContact(world.db, world.tenantId)]
    await assignSegments(world.deps, world.tenantId, ids)
    const events = await movedIds()
    expect(await assignSegments(world.deps, world.tenantId, ids)).toEqual({ assessed: 3, written: 0, moved: 0 })
    expect(await movedIds()).toEqual(events)
  })

  it('ends an assignment when time alone makes it untrue, and keeps its history', async () => {
    const id = await createHot()
    await assignSegments(world.deps, world.tenantId, [id])
    await world.clock.advance(3 * DAY_MS)
    expect(await assignSegments(world.deps, world.tenantId, [id])).toMatchObject({ moved: 1 })
    expect(await held(id)).not.toContain('HOT_LEAD')
    const ended = (await inside((tx) => listSegmentHistory(tx, id, NOON))).filter((stay) => stay.until !== null)
    expect(ended.map((stay) => [stay.segment, stay.since, stay.until])).toContainEqual([
      'HOT_LEAD',
      NOON,
      NOON + 3 * DAY_MS,
    ])
    expect(ended[0]?.reasons).toMatchObject({ kind: 'rule', version: 1 })
  })

  it('keeps the beginning of what goes on and begins anew what comes back', async () => {
    const id = await createLurker()
    await assignSegments(world.deps, world.tenantId, [id])
    await world.clock.advance(DAY_MS)
    await setFeatures(id, { reaction_count: 9 })
    await assignSegments(world.deps, world.tenantId, [id])
    const since = async () => (await inside((tx) => findSegments(tx, [id])))[0]?.holdings[0]?.since
    expect(await since()).toBe(NOON)
    await setFeatures(id, { group_message_at: [toDate(NOON), toDate(NOON - HOUR_MS)] })
    await assignSegments(world.deps, world.tenantId, [id])
    expect(await since()).toBeUndefined()
    await setFeatures(id, { group_message_at: [] })
    await world.clock.advance(DAY_MS)
    await assignSegments(world.deps, world.tenantId, [id])
    expect(await since()).toBe(NOON + 2 * DAY_MS)
  })

  it('takes repeated and unknown ids for what they are', async () => {
    const id = await createHot()
    expect(await assignSegments(world.deps, world.tenantId, [id, id, 999_999_999])).toMatchObject({ written: 1 })
    expect(await assignSegments(world.deps, world.tenantId, [])).toEqual({ assessed: 0, written: 0, moved: 0 })
  })

  it('leaves the contacts of another tenant alone, even when asked for them', async () => {
    const id = await createHot()
    const other = await createTenant(world.db)
    expect(await assignSegments(world.deps, other, [id])).toMatchObject({ written: 0 })
    expect(await held(id)).toEqual([])
  })

  it('takes the primary segment from the priorities of the strategies in force', async () => {
    const id = await createHot()
    const strategy = { tenant_id: world.tenantId, segment: 'ENGAGED', version: 1, is_current: true, priority: 10 }
    const rest = { every_hours: 24, max_per_day: 1, cooldown_hours: 4, hours: [10], style: 'offer', changed_by: 'test' }
    await world.db
      .insertInto('strategy')
      .values({ ...strategy, ...rest, created_at: toDate(NOON) })
      .execute()
    await world.db
      .insertInto('strategy')
      .values({ ...strategy, ...rest, segment: 'HOT_LEAD', priority: 3, created_at: toDate(NOON) })
      .execute()
    await assignSegments(world.deps, world.tenantId, [id])
    expect((await inside((tx) => findSegments(tx, [id])))[0]?.primarySegment).toBe('ENGAGED')
  })
})

describe('segment tables', () => {
  it('lose what belongs to a contact when its features go, with the tenant, too', async () => {
    const id = await createHot()
    await assignSegments(world.deps, world.tenantId, [id])
    await inside((tx) => setManualSegment(tx, { contactId: id, segment: 'LURKER', by: 'member:7', now: NOON }))
    await world.clock.advance(3 * DAY_MS)
    await assignSegments(world.deps, world.tenantId, [id])
    const rows = async () => {
      const tables = ['segment_assignment', 'segment_pin', 'segment_history'] as const
      return Promise.all(
        tables.map(
          async (t) =>
            (await world.db.selectFrom(t).select('contact_id').where('contact_id', '=', id).execute()).length,
        ),
      )
    }
    expect(Math.min(...(await rows()))).toBeGreaterThan(0)
    await inside((tx) => tx.deleteFrom('contact').where('id', '=', id).execute())
    expect(await rows()).toEqual([0, 0, 0])
  })

  it.each(['segment_rule', 'segment_assignment', 'segment_pin', 'segment_history'] as const)(
    'show another tenant nothing of %s',
    async (table) => {
      const id = await createHot()
      await assignSegments(world.deps, world.tenantId, [id])
      await inside((tx) => setManualSegment(tx, { contactId: id, segment: 'LURKER', by: 'member:7', now: NOON }))
      await world.clock.advance(3 * DAY_MS)
      await assignSegments(world.deps, world.tenantId, [id])
      const other = await createTenant(world.db)
      const seenBy = (tenant: number) =>
        inTenant(world.db, tenant, (tx) => tx.selectFrom(table).select('tenant_id').execute())
      expect((await seenBy(world.tenantId)).length).toBeGreaterThan(0)
      expect(await seenBy(other)).toEqual([])
    },
  )
})

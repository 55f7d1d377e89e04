import { describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { assignSegments, findSegments, recomputeSegments, sweepSegments } from './index.ts'
import { usePeople } from './people.suite.ts'

const { world, createHot, createLurker } = usePeople()

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

describe('recomputeSegments', () => {
  it('gives the same as assigning one by one, chunk after chunk, and tells its progress', async () => {
    const ids = []
    for (let n = 0; n < 7; n++) ids.push(await (n % 2 === 0 ? createHot() : createLurker()))
    const progress: number[][] = []
    const summary = await recomputeSegments(world.deps, world.tenantId, {
      chunkSize: 3,
      onProgress: (done, total) => progress.push([done, total]),
    })
    expect(summary).toEqual({ assessed: 7, written: 7, moved: 7 })
    expect(progress.length).toBeGreaterThanOrEqual(3)
    expect(progress.at(-1)).toEqual([7, 7])
    expect(await assignSegments(world.deps, world.tenantId, ids)).toMatchObject({ written: 0 })
    expect(new Set(await movedIds())).toEqual(new Set(ids))
  })

  it('stops after the running chunks when told to, and a later pass does the rest', async () => {
    for (let n = 0; n < 8; n++) await createHot()
    const stop = new AbortController()
    const first = await recomputeSegments(world.deps, world.tenantId, {
      chunkSize: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    expect(first.written).toBeGreaterThan(0)
    expect(first.written).toBeLessThan(8)
    expect((await recomputeSegments(world.deps, world.tenantId)).written).toBe(8 - first.written)
  })

  it('does nothing for a tenant without contacts', async () => {
    expect(await recomputeSegments(world.deps, world.tenantId)).toEqual({ assessed: 0, written: 0, moved: 0 })
  })
})

describe('sweepSegments', () => {
  it('recomputes active tenants and passes over suspended ones', async () => {
    await createHot()
    const suspended = await createTenant(world.db)
    const silent = await createContact(world.db, suspended, { at: NOON - 60 * DAY_MS })
    await world.db.updateTable('tenant').set({ state: 'suspended' }).where('id', '=', suspended).execute()
    const { moved } = await sweepSegments(world.deps)
    expect(moved).toBeGreaterThanOrEqual(1)
    expect(await inTenant(world.db, suspended, (tx) => findSegments(tx, [silent]))).toEqual([])
  })
})

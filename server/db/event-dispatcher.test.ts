import { sql } from 'kysely'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { type EventListener, type StoredEvent, defineListener } from '#server/base/events.ts'
import { silentLogger } from '#server/base/logger.ts'
import { type TestDatabase, createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { adoptForeignEvents } from './adopt-events.ts'
import { emitEvents } from './emit-events.ts'
import { EventDispatcher } from './event-dispatcher.ts'
import { retryWaitMs } from './follow-events.ts'
import { listParkedEvents, removeOldEvents, replayParkedEvents } from './parked-events.ts'
import { type Db, createDb } from './pool.ts'
import { type TenantTx, inTenant } from './tenant-scope.ts'

let database: TestDatabase
let db: Db
let tenantId: number
let clock: ManualClock
const running: EventDispatcher[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.pool)
  tenantId = await createTenant(db)
})

beforeEach(async () => {
  clock = new ManualClock(NOON)
  await sql`truncate domain_event, event_cursor, event_retry`.execute(db)
})

afterEach(async () => {
  for (const dispatcher of running.splice(0)) await dispatcher.stop()
})

const emitIn = (tx: TenantTx, contactId: number) =>
  emitEvents(tx, clock.now(), [{ type: 'contact.changed', payload: { contactIds: [contactId] } }])
const emit = (contactId: number) => inTenant(db, tenantId, (tx) => emitIn(tx, contactId))

/** Takes contact.changed and remembers each contact it was told of; refuses those of `refuses`. */
const recorder = (name: string, refuses: ReadonlySet<number> = new Set()) => {
  const seen: number[] = []
  const batches: number[] = []
  const listener = defineListener({
    name,
    types: ['contact.changed'],
    async receive(events) {
      batches.push(events.length)
      const ids = events.flatMap((event) => event.payload.contactIds)
      if (ids.some((id) => refuses.has(id))) throw new Error('refused')
      seen.push(...ids)
    },
  })
  return { listener, seen, batches }
}

const dispatcherOf = (...listeners: EventListener[]) =>
  new EventDispatcher({ db, clock, log: silentLogger, connectionString: database.connectionString, listeners })

/**
 * Events become readable when every older transaction of the server has ended, those of other databases included; then
 * the dispatcher takes all of them.
 */
const drain = async (dispatcher: EventDispatcher) => {
  const readable = async () => {
    const { rows } = await sql<{ readable: boolean }>`
      select coalesce(max(xid), '0') < pg_snapshot_xmin(pg_current_snapshot()) as readable from domain_event`.execute(
      db,
    )
    return rows[0]?.readable
  }
  await expect.poll(readable, { timeout: 20_000, interval: 10 }).toBe(true)
  await dispatcher.drain()
}

const started = async (...listeners: EventListener[]) => {
  const dispatcher = dispatcherOf(...listeners)
  running.push(dispatcher)
  await dispatcher.start(() => {})
  return dispatcher
}

describe('EventDispatcher', () => {
  it('gives a listener the events of its types in order and in batches', async () => {
    const a = recorder('a')
    for (let id = 1; id <= 20; id += 1) await emit(id)
    await inTenant(db, tenantId, (tx) =>
      emitEvents(tx, clock.now(), [{ type: 'account.linked', payload: { accountId: 1 } }]),
    )
    await drain(dispatcherOf(a.listener))
    expect(a.seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(a.batches).toEqual([20])
  })

  it('tells a listener where and when an event happened', async () => {
    const events: StoredEvent[] = []
    await emit(7)
    await drain(
      dispatcherOf({
        name: 'a',
        types: ['contact.changed'],
        receive: async (batch) => void events.push(...batch),
      }),
    )
    expect(events).toEqual([
      { id: expect.any(Number), tenantId, at: NOON, type: 'contact.changed', payload: { contactIds: [7] } },
    ])
  })

  it('does not skip an event whose transaction began first and commits last', async () => {
    const a = recorder('a')
    const dispatcher = dispatcherOf(a.listener)
    let commitFirst = () => {}
    const mayCommit = new Promise<void>((resolve) => (commitFirst = resolve))
    let wrote = () => {}
    const hasWritten = new Promise<void>((resolve) => (wrote = resolve))
    const slow = inTenant(db, tenantId, async (tx) => {
      await emitIn(tx, 1)
      wrote()
      await mayCommit
    })
    await hasWritten
    await emit(2)
    await dispatcher.drain()
    expect(a.seen).toEqual([])
    commitFirst()
    await slow
    await drain(dispatcher)
    expect(a.seen).toEqual([1, 2])
  })

  it('never tells of an event whose transaction was rolled back', async () => {
    const a = recorder('a')
    await expect(
      inTenant(db, tenantId, async (tx) => {
        await emitIn(tx, 1)
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    await drain(dispatcherOf(a.listener))
    expect(a.seen).toEqual([])
  })

  it('loses and repeats nothing under concurrent transactions of every length', async () => {
    const a = recorder('a')
    await started(a.listener)
    let next = 0
    const writer = async (pauseMs: number) => {
      for (let i = 0; i < 40; i += 1) {
        await inTenant(db, tenantId, async (tx) => {
          await emitIn(tx, (next += 1))
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
          await emitIn(tx, (next += 1))
        })
      }
    }
    await Promise.all([0, 1, 3, 7, 11].map(writer))
    await expect.poll(() => a.seen.length >= 400, { timeout: 10_000 }).toBe(true)
    expect(a.seen.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
  })

  it('wakes on the commit, without waiting for a poll', async () => {
    const a = recorder('a')
    await started(a.listener)
    await emit(1)
    await expect.poll(() => a.seen.length === 1, { timeout: 10_000 }).toBe(true)
    expect(a.seen).toEqual([1])
  })

  it('keeps a listener that fails from holding up another, or itself', async () => {
    const good = recorder('good')
    const bad = recorder('bad', new Set([2]))
    for (const id of [1, 2, 3]) await emit(id)
    const dispatcher = dispatcherOf(bad.listener, good.listener)
    await drain(dispatcher)
    expect(good.seen).toEqual([1, 2, 3])
    expect(bad.seen).toEqual([1, 3])
  })

  it('gives a refused event again with growing waits until it is taken', async () => {
    const refuses = new Set([1])
    const a = recorder('a', refuses)
    await emit(1)
    const dispatcher = dispatcherOf(a.listener)
    await drain(dispatcher)
    expect(a.batches).toEqual([1])
    await clock.advance(retryWaitMs(1) - 1)
    await drain(dispatcher)
    expect(a.batches).toEqual([1])
    await clock.advance(1)
    await drain(dispatcher)
    expect(a.batches).toEqual([1, 1])
    refuses.clear()
    await clock.advance(retryWaitMs(2))
    await drain(dispatcher)
    expect(a.seen).toEqual([1])
    expect(await db.selectFrom('event_retry').selectAll().execute()).toEqual([])
  })

  it('parks an event refused nine times, lists it, and gives it back on demand', async () => {
    const refuses = new Set([1])
    const a = recorder('a', refuses)
    await emit(1)
    const dispatcher = dispatcherOf(a.listener)
    for (let i = 1; i <= 12; i += 1) {
      await drain(dispatcher)
      await clock.advance(retryWaitMs(i))
    }
    expect(a.batches).toHaveLength(9)
    expect(await listParkedEvents(db, 10)).toMatchObject([
      { listener: 'a', type: 'contact.changed', attempts: 9, error: 'refused' },
    ])
    refuses.clear()
    expect(await replayParkedEvents(db, clock.now(), { listener: 'other' })).toBe(0)
    expect(await replayParkedEvents(db, clock.now(), { listener: 'a' })).toBe(1)
    await drain(dispatcher)
    expect(a.seen).toEqual([1])
    expect(await listParkedEvents(db, 10)).toEqual([])
  })

  it('serves a listener in one process at a time, and in another when that one ends', async () => {
    const first = recorder('shared')
    const second = recorder('shared')
    const one = await started(first.listener)
    await emit(1)
    await expect.poll(() => first.seen.length === 1, { timeout: 10_000 }).toBe(true)
    await started(second.listener)
    await emit(2)
    await expect.poll(() => first.seen.length === 2, { timeout: 10_000 }).toBe(true)
    expect(second.seen).toEqual([])
    await one.stop()
    await emit(3)
    await expect.poll(() => second.seen.length === 1, { timeout: 10_000 }).toBe(true)
    expect(second.seen).toEqual([3])
  })

  it('reports a lost session, and goes on where it stopped after a new start', async () => {
    const a = recorder('a')
    const faults: unknown[] = []
    const dispatcher = dispatcherOf(a.listener)
    running.push(dispatcher)
    await dispatcher.start((error) => void faults.push(error))
    await emit(1)
    await expect.poll(() => a.seen.length === 1, { timeout: 10_000 }).toBe(true)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gavatcore events' and datname = current_database()`.execute(
      db,
    )
    await expect.poll(() => faults.length > 0, { timeout: 10_000 }).toBe(true)
    await dispatcher.stop()
    await emit(2)
    await dispatcher.start(() => {})
    await expect.poll(() => a.seen.length === 2, { timeout: 10_000 }).toBe(true)
    expect(a.seen).toEqual([1, 2])
  })
})

describe('adoptForeignEvents', () => {
  it('loses nothing when the transaction counter fell behind, as after a restore into a fresh server', async () => {
    const a = recorder('a')
    await emit(1)
    await emit(2)
    await drain(dispatcherOf(a.listener))
    await emit(3)
    const ahead = 4_000_000_000
    await sql`update domain_event set xid = (${ahead} + id)::text::xid8`.execute(db)
    await sql`update event_cursor set xid = (${ahead} + event_id)::text::xid8`.execute(db)
    await emit(4)
    await started(a.listener)
    await emit(5)
    await expect.poll(() => a.seen.length >= 5, { timeout: 10_000 }).toBe(true)
    expect(a.seen.toSorted((x, y) => x - y)).toEqual([1, 2, 3, 4, 5])
  })

  it('leaves the events of this server alone', async () => {
    await emit(1)
    expect(await adoptForeignEvents(db, ['a'], NOON)).toBe(false)
  })
})

describe('removeOldEvents', () => {
  it('removes only events that are old, read by every listener, and put aside by none', async () => {
    const a = recorder('a', new Set([2]))
    const b = recorder('b')
    for (const id of [1, 2, 3]) await emit(id)
    await drain(dispatcherOf(a.listener))
    expect(await removeOldEvents(db, NOON + 1, ['a', 'b'])).toBe(0)
    await drain(dispatcherOf(b.listener))
    expect(await removeOldEvents(db, NOON, ['a', 'b'])).toBe(0)
    expect(await removeOldEvents(db, NOON + 1, ['a', 'b'])).toBe(2)
    expect(await db.selectFrom('domain_event').select('payload').execute()).toEqual([{ payload: { contactIds: [2] } }])
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { seededRandom } from '#server/base/random.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { emitEvents } from './emit-events.ts'
import { createDb } from './pool.ts'
import { inTenant } from './tenant-scope.ts'

const PROGRAM = fileURLToPath(new URL('../testing/follow-forever.ts', import.meta.url))
const KILLS = 6
const EVENTS = 1_500

describe('EventDispatcher', () => {
  it('loses no event over kill -9 at any moment', async () => {
    const { pool, connectionString } = await createTestDatabase()
    const db = createDb(pool)
    const tenantId = await createTenant(db)
    await sql`create table seen (id bigint not null)`.execute(db)
    const random = seededRandom(3)
    let emitted = 0
    const emit = (count: number) =>
      inTenant(db, tenantId, (tx) =>
        emitEvents(
          tx,
          NOON,
          Array.from({ length: count }, () => ({ type: 'contact.changed', payload: { contactIds: [(emitted += 1)] } })),
        ),
      )
    const follow = async () => {
      const child = spawn(process.execPath, [PROGRAM, connectionString], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      return child
    }
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = await follow()
      for (let i = 0; i < EVENTS / KILLS / 5; i += 1) await emit(5)
      await new Promise((resolve) => setTimeout(resolve, random.next() * 60))
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const last = await follow()
    const seen = async () => {
      const { rows } = await sql<{ ids: number }>`select count(distinct id)::int as ids from seen`.execute(db)
      return rows[0]?.ids
    }
    await expect.poll(seen, { timeout: 30_000 }).toBe(emitted)
    last.kill('SIGKILL')
    await once(last, 'exit')
    expect(emitted).toBe(EVENTS)
  }, 90_000)
})

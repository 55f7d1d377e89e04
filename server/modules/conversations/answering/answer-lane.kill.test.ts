import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { runScript } from '#server/testing/run-script.ts'

import { createAnswerWorld } from './answer-world.suite.ts'

const LEASE_MS = 700

/** Another process, whose model never answers: it says once that it was asked. */
const asking = (connectionString: string, now: number): string => `
  import { createPool, createDb } from '#server/db/pool.ts'
  import { AnswerLane } from '#server/modules/conversations/index.ts'
  const db = createDb(createPool({ connectionString: ${JSON.stringify(connectionString)}, min: 0, max: 3, applicationName: 'x' }))
  const lane = new AnswerLane(
    {
      db,
      clock: { now: () => ${now}, sleep: async () => {} },
      askModel: () => { process.stdout.write('asked\\n'); return new Promise(() => setInterval(() => {}, 1_000)) },
      translator: () => String,
      log: { info() {}, warn() {}, error: (fields) => console.error(fields) },
    },
    { atOnce: 4, debounceMs: 0, leaseMs: ${LEASE_MS} },
  )
  await lane.run(new AbortController().signal)
`

describe('AnswerLane', () => {
  it('answers exactly once what a process killed in the midst of it owed, and not before its lease is over', async () => {
    const { pool, connectionString } = await createTestDatabase()
    const w = await createAnswerWorld(createDb(pool))
    await w.setMode('ai')
    await w.ask()
    const other = runScript(asking(connectionString, w.now()))
    await other.firstLine
    const [one, two] = [w.laneOf({ leaseMs: LEASE_MS }), w.laneOf({ leaseMs: LEASE_MS })]
    // It lives, and keeps what it works on for longer than one lease.
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS))
    await Promise.all([one.drain(), two.drain()])
    expect(await w.deliveries()).toEqual([])
    await other.kill()
    await expect
      .poll(
        async () => {
          await Promise.all([one.drain(), two.drain()])
          return (await w.deliveries()).length
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBe(1)
    await Promise.all([one.drain(), two.drain()])
    expect(await w.deliveries()).toHaveLength(1)
    expect(w.asked).toHaveLength(1)
  }, 60_000)
})

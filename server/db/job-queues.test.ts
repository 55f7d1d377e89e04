import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { JobHandlers } from '#server/base/jobs.ts'
import { silentLogger } from '#server/base/logger.ts'
import { type TestDatabase, createTestDatabase } from '#server/testing/db.ts'

import { JobQueues } from './job-queues.ts'
import { type Db, createDb } from './pool.ts'
import { asOperator } from './tenant-scope.ts'

let database: TestDatabase
let db: Db
const running: JobQueues[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((queues) => queues.stop()))
})

beforeEach(async () => {
  database = await createTestDatabase()
  db = createDb(database.pool)
})

const started = async (): Promise<JobQueues> => {
  const queues = new JobQueues({ pool: database.pool, connectionString: database.connectionString, log: silentLogger })
  running.push(queues)
  await queues.start()
  return queues
}

const handlers = (own: Partial<JobHandlers>): JobHandlers => ({
  'segments.assign': async () => {},
  'segments.sweep': async () => {},
  'segments.opinions': async () => {},
  'slots.write': async () => {},
  'deliveries.plan': async () => {},
  'campaign.plan': async () => {},
  'invites.plan': async () => {},
  'invites.work': async () => {},
  'groups.act': async () => {},
  'groups.refresh': async () => {},
  'posts.run': async () => {},
  'drips.advance': async () => {},
  'webhooks.deliver': async () => {},
  ...own,
})

describe('JobQueues', () => {
  it('does what was asked in a transaction that committed, and nothing of one that did not', async () => {
    const queues = await started()
    const done: number[] = []
    await queues.work(handlers({ 'deliveries.plan': async ({ tenantId }) => void done.push(tenantId) }))
    await asOperator(db, 'test', (tx) => queues.enqueue('deliveries.plan', [{ tenantId: 1 }], { tx }))
    await asOperator(db, 'test', async (tx) => {
      await queues.enqueue('deliveries.plan', [{ tenantId: 2 }], { tx })
      throw new Error('rolled back')
    }).catch(() => undefined)
    await queues.enqueue('deliveries.plan', [{ tenantId: 3 }])
    await expect.poll(() => done.length, { timeout: 20_000 }).toBe(2)
    expect(done.toSorted((x, y) => x - y)).toEqual([1, 3])
  })

  it('does one job of a tenant at a time, over two processes, and all of them in the end', async () => {
    const [a, b] = [await started(), await started()]
    const active = new Map<number, number>()
    let most = 0
    let done = 0
    const work = handlers({
      'segments.assign': async ({ tenantId }) => {
        active.set(tenantId, (active.get(tenantId) ?? 0) + 1)
        most = Math.max(most, active.get(tenantId) ?? 0)
        await new Promise((resolve) => setTimeout(resolve, 3))
        active.set(tenantId, (active.get(tenantId) ?? 0) - 1)
        done += 1
      },
    })
    await Promise.all([a.work(work), b.work(work)])
    for (let i = 0; i < 5; i += 1) {
      await a.enqueue(
        'segments.assign',
        Array.from({ length: 12 }, (_, n) => ({ tenantId: 1 + (n % 3), contactIds: [n] })),
      )
    }
    await expect.poll(() => done, { timeout: 60_000 }).toBe(60)
    expect(most).toBe(1)
  }, 90_000)

  it('tries a failed job again and does not hold up the others', async () => {
    const queues = await started()
    const tried: number[] = []
    await queues.work(
      handlers({
        'segments.sweep': async ({ tenantId }) => {
          tried.push(tenantId)
          if (tenantId === 1 && tried.filter((id) => id === 1).length === 1) throw new Error('boom')
        },
      }),
    )
    await queues.enqueue('segments.sweep', [{ tenantId: 1 }, { tenantId: 2 }])
    await expect.poll(() => tried.toSorted((x, y) => x - y), { timeout: 25_000 }).toEqual([1, 1, 2])
  })

  it("lets other tenants' jobs pass one whose tenant is served by another process", async () => {
    const [a, b] = [await started(), await started()]
    let finishLong = () => {}
    const long = new Promise<void>((resolve) => (finishLong = resolve))
    const begun: string[] = []
    const done: string[] = []
    const work = (name: string) =>
      handlers({
        'segments.sweep': async ({ tenantId }) => {
          begun.push(name)
          if (begun.length === 1) await long
          done.push(`${name} ${tenantId}`)
        },
      })
    await a.work(work('a'))
    await a.enqueue('segments.sweep', [{ tenantId: 1 }])
    // A job is active a moment before its tenant is locked: the lock is held once the work itself has begun.
    await expect.poll(() => begun, { timeout: 20_000 }).toEqual(['a'])
    await b.work(work('b'))
    await b.enqueue('segments.sweep', [{ tenantId: 1 }, { tenantId: 2 }, { tenantId: 3 }])
    await expect.poll(() => done.toSorted(), { timeout: 20_000 }).toEqual(['b 2', 'b 3'])
    finishLong()
    await expect.poll(() => done.filter((line) => line.endsWith(' 1')).length, { timeout: 20_000 }).toBe(2)
  })

  it('counts what waits', async () => {
    const queues = await started()
    await queues.enqueue('deliveries.plan', [{ tenantId: 1 }, { tenantId: 2 }])
    expect(await queues.depths()).toContainEqual({ name: 'deliveries.plan', waiting: 2, active: 0, failed: 0 })
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { sql } from 'kysely'
import { expect, it } from 'vitest'

import { seededRandom } from '#server/base/random.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import type { StoredEvent } from '#server/base/events.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant, ownerAt } from '#server/testing/factories.ts'
import { openWebhookReceiver } from '#server/testing/webhook-receiver.ts'

import { addEndpoint, writeDeliveries } from './index.ts'

const PROGRAM = fileURLToPath(new URL('../../testing/deliver-forever.ts', import.meta.url))
const KILLS = 5
const ORDERS = 300

it('over kill -9 at any moment every webhook arrives, and a repeated one under its id', async () => {
  const { pool, connectionString } = await createTestDatabase()
  const db = createDb(pool)
  const key = randomKey()
  const tenantId = await createTenant(db)
  const receiver = await openWebhookReceiver()
  receiver.delay(5)
  const now = Date.now()
  const input = { name: 'x', url: receiver.url, kinds: ['order.paid'] }
  await inTenant(db, tenantId, (tx) =>
    addEndpoint(tx, { box: secretBox(key), arePrivateAllowed: true }, input, ownerAt(now)),
  )
  const events = Array.from({ length: ORDERS }, (_, i) => ({
    id: i,
    tenantId,
    at: now,
    type: 'order.changed' as const,
    payload: { orderId: i, state: 'paid' as const, needsReview: false },
  })) satisfies StoredEvent[]
  await writeDeliveries(db, events, now)
  const deliver = async () => {
    const args = [PROGRAM, connectionString, String(tenantId), key.toString('base64')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    return child
  }
  const random = seededRandom(5)
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = await deliver()
    await new Promise((resolve) => setTimeout(resolve, 60 + random.next() * 200))
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  expect(receiver.received.length).toBeGreaterThan(0)
  const last = await deliver()
  const countOf = async (state: string) => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from webhook_delivery where state = ${state}`.execute(db)
    return rows[0]?.count
  }
  await expect.poll(() => countOf('delivered'), { timeout: 30_000 }).toBe(ORDERS)
  last.kill('SIGKILL')
  await once(last, 'exit')
  const orders = receiver.received.map(({ id, body }) => [id, JSON.parse(body).data.orderId as number] as const)
  expect(new Set(orders.map(([, order]) => order)).size).toBe(ORDERS)
  // Whatever came twice came under one id.
  expect(new Set(orders.map(([id]) => id)).size).toBe(ORDERS)
  const { rows } = await sql<{ attempts: number }>`select count(*)::int as attempts from webhook_attempt`.execute(db)
  expect(rows[0]?.attempts).toBeGreaterThanOrEqual(receiver.received.length)
}, 90_000)

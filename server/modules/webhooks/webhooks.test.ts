import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { DomainEvent, StoredEvent } from '#server/base/events.ts'
import { seededRandom } from '#server/base/random.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createWebhookCaller } from '#server/gateways/webhooks/adapters/http/create-webhook-caller.ts'
import { rotateTenantKey } from '#server/modules/accounts/index.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant, ownerAt } from '#server/testing/factories.ts'
import { openWebhookReceiver } from '#server/testing/webhook-receiver.ts'

import {
  addEndpoint,
  changeEndpoint,
  deliverDue,
  emitWanted,
  getDeliveryDetail,
  getEndpoint,
  listDeliveries,
  listTenantsWithDue,
  removeEndpoint,
  replayDelivery,
  replayFailed,
  rotateSecret,
  testEndpoint,
  writeDeliveries,
} from './index.ts'

const db = createDb((await createTestDatabase()).pool)
const box = secretBox(randomKey())
const OPEN = { box, arePrivateAllowed: true }

/** A tenant with one endpoint at a server of somebody else, and its clock. The verifier wants the time of the world. */
const openShop = async (kinds: readonly string[] = ['order.paid', 'contact.stopped']) => {
  const clock = new ManualClock(Math.floor(Date.now() / SECOND_MS) * SECOND_MS)
  const tenantId = await createTenant(db)
  const receiver = await openWebhookReceiver()
  const caller = createWebhookCaller({ clock, arePrivateAllowed: true, timeoutMs: 2_000 })
  const deps = { db, box, caller, clock, random: seededRandom(1), version: '1.2.3' }
  const actor = () => ownerAt(clock.now())
  const input = { name: 'Muhasebe', url: receiver.url, kinds }
  const endpoint = await inTenant(db, tenantId, (tx) => addEndpoint(tx, OPEN, input, actor()))
  /** Lets this happen, and writes what it has to tell; `id` makes it the same event again. */
  let serial = 0
  const happen = async (event: DomainEvent, id = (serial += 1)) => {
    const stored = { id, tenantId, at: clock.now(), ...event } as StoredEvent
    await writeDeliveries(db, [stored], clock.now())
    return stored
  }
  const paid = (orderId: number) =>
    happen({ type: 'order.changed', payload: { orderId, state: 'paid', needsReview: false } })
  const run = () => deliverDue(deps, tenantId)
  const log = () => inTenant(db, tenantId, (tx) => listDeliveries(tx, { endpointId: endpoint.id, limit: 100 }))
  const shown = () => inTenant(db, tenantId, (tx) => getEndpoint(tx, endpoint.id))
  return { clock, tenantId, receiver, deps, actor, endpoint, happen, paid, run, log, shown }
}

const verify = (secret: string, { headers, body }: { headers: Readonly<Record<string, string>>; body: string }) =>
  new Webhook(secret).verify(body, { ...headers })

describe('a webhook', () => {
  it('is signed so that the library of the specification takes it, and names what happened', async () => {
    const { receiver, endpoint, paid, run, clock, log } = await openShop()
    await paid(12)
    expect(await run()).toMatchObject({ delivered: 1, refused: 0, nextAt: null })
    const [got] = receiver.received
    expect(verify(endpoint.secret, got!)).toEqual({
      type: 'order.paid',
      timestamp: new Date(clock.now()).toISOString(),
      data: { orderId: 12, state: 'paid' },
    })
    expect(got?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'Gavatcore/1.2.3' })
    expect(() => verify(endpoint.secret, { ...got!, body: got!.body.replace('12', '13') })).toThrow('signature')
    expect(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`, got!)).toThrow('signature')
    expect(await log()).toMatchObject([
      { state: 'delivered', attempts: 1, nextAt: null, last: { number: 1, status: 204, fault: null } },
    ])
  })

  it('is written once for what is told twice, only for what was chosen, and not for what was before', async () => {
    const { happen, clock, log, endpoint, tenantId, actor } = await openShop()
    const again = await happen({ type: 'contact.stopped', payload: { contactId: 5, source: 'command' } })
    await writeDeliveries(db, [again, { ...again, id: again.id + 1, at: again.at - 1 }], clock.now())
    await happen({ type: 'order.changed', payload: { orderId: 9, state: 'paid', needsReview: false } })
    await happen({ type: 'order.changed', payload: { orderId: 9, state: 'paid', needsReview: true } })
    await happen({ type: 'campaign.started', payload: { campaignId: 3 } })
    expect((await log()).map(({ kind }) => kind)).toEqual(['order.paid', 'contact.stopped'])
    await inTenant(db, tenantId, (tx) => changeEndpoint(tx, OPEN, endpoint.id, { state: 'paused' }, actor()))
    await happen({ type: 'contact.stopped', payload: { contactId: 6, source: 'command' } })
    expect(await log()).toHaveLength(2)
  })

  it('is signed by both secrets for a day after a new one was made, even under a new key of the tenant', async () => {
    const { receiver, endpoint, paid, run, tenantId, clock, actor } = await openShop()
    const { secret } = await inTenant(db, tenantId, (tx) =>
      rotateSecret(tx, { box }, endpoint.id, actor(), clock.now()),
    )
    await inTenant(db, tenantId, (tx) => rotateTenantKey(tx, box, actor()))
    await paid(1)
    await run()
    for (const each of [secret, endpoint.secret]) expect(verify(each, receiver.received[0]!)).toBeTruthy()
    await clock.advance(DAY_MS + 1)
    await paid(2)
    await run()
    expect(receiver.received[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
  })

  it('is tried again with growing waits for a bit more than a day, under one id, then has failed', async () => {
    const { receiver, paid, run, clock, log, tenantId } = await openShop()
    receiver.answer(500)
    await paid(1)
    const startedAt = clock.now()
    const waits: number[] = []
    for (;;) {
      const { nextAt } = await run()
      if (nextAt === null) break
      waits.push(nextAt - clock.now())
      expect(await run()).toMatchObject({ delivered: 0, refused: 0 })
      await clock.advance(nextAt - clock.now())
      expect(await asOperator(db, 'test', (tx) => listTenantsWithDue(tx, clock.now()))).toContain(tenantId)
    }
    const planned = [5 * SECOND_MS, 5 * MINUTE_MS, HOUR_MS / 2, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 10 * HOUR_MS]
    expect(waits).toHaveLength(planned.length)
    for (const [i, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(planned[i]!)
      expect(wait).toBeLessThanOrEqual(planned[i]! * 1.1)
    }
    expect(clock.now() - startedAt).toBeGreaterThan(DAY_MS)
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
    expect(receiver.received).toHaveLength(8)
    expect(await log()).toMatchObject([{ state: 'failed', attempts: 8, last: { number: 8, status: 500 } }])
  })

  it.each([
    ['seconds', () => '1200', 20 * MINUTE_MS],
    ['a date', (now: number) => new Date(now + 20 * MINUTE_MS).toUTCString(), 20 * MINUTE_MS],
    ['less than the schedule', () => '1', 5 * SECOND_MS],
    ['more than is borne', () => '9999999', 10 * HOUR_MS],
    ['nothing readable', () => 'later', 5 * SECOND_MS],
  ])('waits as long as the receiver asks: %s', async (_, asked, waitMs) => {
    const { receiver, paid, run, clock, log } = await openShop()
    receiver.answer(429, 204)
    receiver.say({ 'retry-after': asked(clock.now()) })
    await paid(1)
    const { nextAt } = await run()
    const wait = (nextAt ?? 0) - clock.now()
    expect(wait).toBeGreaterThanOrEqual(waitMs)
    expect(wait).toBeLessThanOrEqual(waitMs * 1.1)
    await clock.advance(wait - 1)
    expect(await run()).toMatchObject({ delivered: 0, refused: 0 })
    await clock.advance(1)
    expect(await run()).toMatchObject({ delivered: 1, nextAt: null })
    expect(await log()).toMatchObject([{ state: 'delivered', attempts: 2 }])
  })

  it('tells of messages that the guard refused, with the reason', async () => {
    const { receiver, happen, run, endpoint } = await openShop(['message.failed', 'message.sent'])
    const shared = { accountId: 3, contactId: 4 }
    await happen({
      type: 'delivery.ended',
      payload: { deliveries: [{ deliveryId: 7, ...shared, state: 'refused', reason: 'no_consent' }] },
    })
    await run()
    expect(receiver.received).toHaveLength(1)
    expect(verify(endpoint.secret, receiver.received[0]!)).toMatchObject({
      type: 'message.failed',
      data: { deliveries: [{ deliveryId: 7, ...shared, state: 'refused', reason: 'no_consent' }] },
    })
  })

  it('that is tried again carries the same body and a new time', async () => {
    const { receiver, paid, run, clock, endpoint } = await openShop()
    receiver.answer(503, 200)
    await paid(1)
    const { nextAt } = await run()
    await clock.advance((nextAt ?? 0) - clock.now())
    await run()
    const [first, second] = receiver.received
    expect(second).toMatchObject({ id: first?.id, body: first?.body })
    expect(Number(second?.headers['webhook-timestamp'])).toBeGreaterThan(Number(first?.headers['webhook-timestamp']))
    expect(verify(endpoint.secret, second!)).toBeTruthy()
  })
})

describe('an endpoint', () => {
  it('that says it is gone is told nothing more, and its tenant is told why', async () => {
    const { receiver, paid, run, log, shown, tenantId } = await openShop()
    receiver.answer(410)
    await paid(1)
    await run()
    expect(await shown()).toMatchObject({ state: 'disabled', disabledReason: 'gone' })
    await paid(2)
    expect(await log()).toMatchObject([{ state: 'failed', attempts: 1 }])
    const audit = await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 5))
    expect(audit[0]).toMatchObject({ actor: 'system', action: 'webhook.disabled', detail: { reason: 'gone' } })
    const told = await db
      .selectFrom('domain_event')
      .select(['type', 'payload'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(told).toContainEqual({
      type: 'webhook.disabled',
      payload: { endpointId: expect.any(Number), reason: 'gone' },
    })
  })

  it('that fails for three days without one success is given up, and begins anew when somebody says so', async () => {
    const { receiver, paid, run, log, shown, clock, tenantId, endpoint, actor } = await openShop()
    receiver.answer(500)
    for (let day = 0; day < 3; day += 1) {
      await paid(day)
      await run()
      expect((await shown()).state).toBe('active')
      await clock.advance(DAY_MS + 1)
    }
    await run()
    expect(await shown()).toMatchObject({ state: 'disabled', disabledReason: 'failing' })
    expect((await log()).map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])

    receiver.answer(200)
    await inTenant(db, tenantId, async (tx) => {
      await expect(replayFailed(tx, { endpointId: endpoint.id, since: 0 }, actor(), clock.now())).rejects.toMatchObject(
        { code: 'webhook_not_active' },
      )
      await changeEndpoint(tx, OPEN, endpoint.id, { state: 'active' }, actor())
      const since = clock.now() - 2 * DAY_MS - HOUR_MS
      expect(await replayFailed(tx, { endpointId: endpoint.id, since }, actor(), clock.now())).toBe(2)
    })
    await run()
    expect((await log()).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'failed'])
    expect(await shown()).toMatchObject({ state: 'active', failingSince: null, lastSuccessAt: clock.now(), failed: 1 })
  })

  it('gets a delivery again when somebody asks for it, under the same id', async () => {
    const { receiver, paid, run, log, tenantId, actor, clock } = await openShop()
    await paid(1)
    await run()
    const id = (await log())[0]?.id ?? 0
    await inTenant(db, tenantId, (tx) => replayDelivery(tx, id, actor(), clock.now()))
    await run()
    expect(receiver.received.map((each) => each.id)).toEqual([receiver.received[0]?.id, receiver.received[0]?.id])
    const detail = await inTenant(db, tenantId, (tx) => getDeliveryDetail(tx, id))
    expect(detail).toMatchObject({ state: 'delivered', attempts: 2, payload: receiver.received[0]?.body })
    expect(detail.history.map(({ number, status }) => [number, status])).toEqual([
      [1, 204],
      [2, 204],
    ])
  })

  it('is tested while somebody waits, paused or not, and its health does not follow from it', async () => {
    const { receiver, deps, tenantId, endpoint, actor, shown } = await openShop()
    receiver.answer(500)
    const failed = await testEndpoint(deps, tenantId, endpoint.id, actor())
    expect(failed).toMatchObject({ kind: 'webhook.test', state: 'failed', last: { status: 500 } })
    receiver.answer(204)
    expect(await testEndpoint(deps, tenantId, endpoint.id, actor())).toMatchObject({ state: 'delivered' })
    expect(verify(endpoint.secret, receiver.received[1]!)).toMatchObject({ type: 'webhook.test' })
    expect(await shown()).toMatchObject({ failingSince: null, lastSuccessAt: null })
  })

  it('that is slow holds up no other of its tenant', async () => {
    const { receiver, tenantId, paid, actor, run } = await openShop()
    const quick = await openWebhookReceiver()
    await inTenant(db, tenantId, (tx) =>
      addEndpoint(tx, OPEN, { name: 'Depo', url: quick.url, kinds: ['order.paid'] }, actor()),
    )
    receiver.delay(700)
    for (let order = 1; order <= 12; order += 1) await paid(order)
    const slow = run()
    await expect.poll(() => quick.received.length, { timeout: 650 }).toBe(12)
    expect(receiver.received.length).toBeLessThan(12)
    expect(await slow).toMatchObject({ delivered: 24 })
  })

  it('keeps its secret to itself', async () => {
    const { endpoint, shown, tenantId } = await openShop()
    expect(endpoint.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(JSON.stringify(await shown())).not.toContain('whsec_')
    const rows = await db.selectFrom('webhook_endpoint').selectAll().where('tenant_id', '=', tenantId).execute()
    const audit = await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 5))
    expect(JSON.stringify([rows, audit])).not.toContain(endpoint.secret.slice(6))
    expect(rows[0]?.secret_sealed.includes(Buffer.from(endpoint.secret))).toBe(false)
  })

  it('takes what it was told with it when it is removed', async () => {
    const { endpoint, paid, log, tenantId, actor } = await openShop()
    await paid(1)
    await inTenant(db, tenantId, (tx) => removeEndpoint(tx, endpoint.id, actor()))
    expect(await log()).toEqual([])
    await expect(inTenant(db, tenantId, (tx) => removeEndpoint(tx, endpoint.id, actor()))).rejects.toMatchObject({
      kind: 'not_found',
    })
  })

  it('is not one of more than ten, even when two are added at once', async () => {
    const { tenantId, actor } = await openShop()
    const add = (n: number) =>
      inTenant(db, tenantId, (tx) =>
        addEndpoint(tx, OPEN, { name: `n${n}`, url: 'http://10.0.0.1', kinds: ['order.paid'] }, actor()),
      )
    for (let n = 0; n < 8; n += 1) await add(n)
    const both = await Promise.allSettled([add(8), add(9), add(10)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    await expect(add(11)).rejects.toMatchObject({ kind: 'limit_reached', code: 'webhook_count' })
  })
})

describe('what may be an endpoint', () => {
  it.each([
    ['http://hooks.example.com', 'webhook_not_https'],
    ['https://127.0.0.1/in', 'webhook_private_address'],
    ['https://[::1]/in', 'webhook_private_address'],
    ['https://169.254.169.254/latest/meta-data', 'webhook_private_address'],
    ['https://10.1.2.3/in', 'webhook_private_address'],
    ['https://2130706433/in', 'webhook_private_address'],
    ['https://0x7f000001/in', 'webhook_private_address'],
    ['https://localhost/in', 'webhook_private_address'],
    ['https://db.internal/in', 'webhook_private_address'],
    ['ftp://hooks.example.com', 'webhook_not_an_address'],
    ['https://user:secret@hooks.example.com', 'webhook_not_an_address'],
    ['hooks.example.com', 'webhook_not_an_address'],
  ])('is not %s', async (url, code) => {
    const tenantId = await createTenant(db)
    const adding = inTenant(db, tenantId, (tx) =>
      addEndpoint(
        tx,
        { box, arePrivateAllowed: false },
        { name: 'x', url, kinds: ['order.paid'] },
        ownerAt(Date.now()),
      ),
    )
    await expect(adding).rejects.toMatchObject({ kind: 'invalid', code, params: { field: 'url' } })
  })
})

describe('workers', () => {
  it('who deliver at once make each call once', async () => {
    const { receiver, paid, deps, tenantId, run } = await openShop()
    receiver.delay(30)
    for (let order = 1; order <= 20; order += 1) await paid(order)
    const ends = await Promise.all([run(), run(), deliverDue({ ...deps, random: seededRandom(2) }, tenantId), run()])
    expect(ends.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(20)
    expect(receiver.received).toHaveLength(20)
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(20)
  })

  it('who come after one that died in the midst of a call repeat it under its id, after a minute', async () => {
    const { receiver, paid, run, deps, tenantId, clock, log } = await openShop()
    await paid(1)
    const died = {
      ...deps,
      caller: { call: async (call: never) => (await deps.caller.call(call), Promise.reject(new Error('killed'))) },
    }
    await expect(deliverDue(died, tenantId)).rejects.toThrow('killed')
    expect(await run()).toMatchObject({ delivered: 0 })
    await clock.advance(MINUTE_MS)
    expect(await run()).toMatchObject({ delivered: 1 })
    expect(receiver.received.map(({ id }) => id)).toEqual([receiver.received[0]?.id, receiver.received[0]?.id])
    expect(await log()).toMatchObject([{ state: 'delivered', attempts: 2 }])
  })

  it('whose answer comes after their claim was given on end nothing that somebody else began', async () => {
    const { receiver, paid, run, clock, log, deps, tenantId } = await openShop()
    receiver.answer(500, 204)
    await paid(1)
    let late: (() => void) | undefined
    const stuck = {
      ...deps,
      caller: {
        call: async (call: never) => {
          const result = await deps.caller.call(call)
          await new Promise<void>((resolve) => (late = resolve))
          return result
        },
      },
    }
    const first = deliverDue(stuck, tenantId)
    await expect.poll(() => late).toBeDefined()
    await clock.advance(MINUTE_MS)
    expect(await run()).toMatchObject({ delivered: 1 })
    late?.()
    await first
    expect(await log()).toMatchObject([{ state: 'delivered', attempts: 2, last: { status: 204 } }])
  })
})

describe('events of the domain', () => {
  it('that only webhooks want are written where one wants them', async () => {
    const { tenantId, clock } = await openShop(['conversation.opened'])
    await inTenant(db, tenantId, async (tx) => {
      const payload = { conversationId: 1, accountId: 2, contactId: 3 }
      const at = clock.now()
      await emitWanted(tx, ['conversation.opened'], [{ type: 'conversation.opened', payload, at }])
      await emitWanted(tx, ['message.sent'], [{ type: 'delivery.ended', payload: { deliveries: [] }, at }])
    })
    const rows = await db.selectFrom('domain_event').select('type').where('tenant_id', '=', tenantId).execute()
    expect(rows.map(({ type }) => type)).toEqual(['conversation.opened'])
  })
})

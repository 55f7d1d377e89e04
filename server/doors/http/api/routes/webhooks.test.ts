import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { writeDeliveries } from '#server/modules/webhooks/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'
import { openWebhookReceiver } from '#server/testing/webhook-receiver.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(Math.floor(Date.now() / SECOND_MS) * SECOND_MS)
const { addMember, app } = openTestApi(db, clock)

type Answer = Readonly<Record<string, unknown>> & { readonly status: number; readonly id: number }

const openShop = async () => {
  const tenantId = await createTenant(db)
  const { call } = await addMember<Answer>(tenantId, 'owner', { language: 'en' })
  const receiver = await openWebhookReceiver()
  const add = (over: object = {}) =>
    call('POST', 'webhooks', { name: 'Muhasebe', url: receiver.url, kinds: ['order.paid'], ...over })
  const paid = (orderId: number) =>
    writeDeliveries(
      db,
      [{ id: orderId, tenantId, at: clock.now(), type: 'order.changed', payload: { orderId, state: 'paid', needsReview: false } }],
      clock.now(),
    ) // prettier-ignore
  return { tenantId, call, receiver, add, paid }
}

describe('webhooks', () => {
  it('are added with a secret that is shown once, listed with their health, changed and removed', async () => {
    const { call, add, receiver } = await openShop()
    const made = await add()
    expect(made).toMatchObject({ status: 200, state: 'active', secret: expect.stringMatching(/^whsec_/), waiting: 0 })
    expect(await call('GET', 'webhooks')).toMatchObject({ items: [{ id: made.id, url: receiver.url }] })
    expect(JSON.stringify(await call('GET', 'webhooks'))).not.toContain('whsec_')
    expect(await call('PATCH', `webhooks/${made.id}`, { state: 'paused', name: 'Depo' })).toMatchObject({
      state: 'paused',
      name: 'Depo',
      kinds: ['order.paid'],
    })
    const rotated = await call('POST', `webhooks/${made.id}/secret`)
    expect(rotated['secret']).not.toBe(made['secret'])
    expect(rotated['oldSecretUntil']).toBe(clock.now() + 24 * 3_600_000)
    expect(await call('DELETE', `webhooks/${made.id}`)).toMatchObject({ status: 200 })
    expect(await call('DELETE', `webhooks/${made.id}`)).toMatchObject({ status: 404 })
  })

  it('are tested on the spot, and the test is in the log', async () => {
    const { call, add, receiver } = await openShop()
    const made = await add()
    expect(await call('POST', `webhooks/${made.id}/test`)).toMatchObject({ state: 'delivered', last: { status: 204 } })
    const [got] = receiver.received
    expect(new Webhook(String(made['secret'])).verify(got!.body, { ...got!.headers })).toMatchObject({
      type: 'webhook.test',
      data: { endpointId: made.id },
    })
    expect(await call('GET', 'webhook-deliveries?kind=webhook.test')).toMatchObject({
      items: [{ endpointId: made.id, state: 'delivered' }],
      nextCursor: null,
    })
  })

  it('have a log that is paged and filtered, and from which one or all are sent again', async () => {
    const { call, add, paid, tenantId } = await openShop()
    const made = await add()
    for (let order = 1; order <= 5; order += 1) await paid(order)
    const page = await call('GET', 'webhook-deliveries?limit=2')
    const next = await call('GET', `webhook-deliveries?limit=3&cursor=${String(page['nextCursor'])}`)
    const ids = [page, next].flatMap(({ items }) => (items as { id: number }[]).map(({ id }) => id))
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    expect([new Set(ids).size, next['nextCursor']]).toEqual([5, null])
    const detail = await call('GET', `webhook-deliveries/${ids[0]}`)
    expect(JSON.parse(String(detail['payload']))).toMatchObject({ type: 'order.paid', data: { orderId: 5 } })
    expect(detail['history']).toEqual([])

    await db
      .updateTable('webhook_delivery')
      .set({ state: 'failed', ended_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(await call('GET', `webhook-deliveries?state=failed&endpoint=${made.id}`)).toMatchObject({
      items: { length: 5 },
    })
    expect(await call('POST', `webhook-deliveries/${ids[0]}/replay`)).toMatchObject({ state: 'waiting' })
    expect(await call('POST', `webhooks/${made.id}/replay`, { since: 0 })).toMatchObject({ count: 4 })
    const told = await db
      .selectFrom('domain_event')
      .select('type')
      .where('tenant_id', '=', tenantId)
      .where('type', '=', 'webhooks.waiting')
      .execute()
    expect(told).toHaveLength(2)
    await call('PATCH', `webhooks/${made.id}`, { state: 'paused' })
    expect(await call('POST', `webhook-deliveries/${ids[0]}/replay`)).toMatchObject({
      status: 409,
      code: 'webhook_not_active',
    })
  })

  it('refuse what is none, naming the field', async () => {
    const { add } = await openShop()
    expect(await add({ url: 'ftp://example.com' })).toMatchObject({
      status: 400,
      code: 'webhook_not_an_address',
      field: 'url',
    })
    expect(await add({ kinds: ['contact.sneezed'] })).toMatchObject({
      status: 400,
      code: 'unknown_word',
      field: 'kinds[0]',
    })
    expect(await add({ kinds: [] })).toMatchObject({ status: 400 })
    expect(await add({ name: ' ' })).toMatchObject({ status: 400, field: 'name' })
  })

  it('of another tenant are not there', async () => {
    const [mine, theirs] = [await openShop(), await openShop()]
    const made = await theirs.add()
    await theirs.paid(1)
    const log = await theirs.call('GET', 'webhook-deliveries')
    const [{ id }] = log['items'] as [{ id: number }]
    expect(await mine.call('GET', 'webhook-deliveries')).toMatchObject({ items: [] })
    for (const [method, path, body] of [
      ['PATCH', `webhooks/${made.id}`, { state: 'paused' }],
      ['DELETE', `webhooks/${made.id}`, undefined],
      ['POST', `webhooks/${made.id}/test`, undefined],
      ['POST', `webhooks/${made.id}/secret`, undefined],
      ['POST', `webhooks/${made.id}/replay`, { since: 0 }],
      ['GET', `webhook-deliveries/${id}`, undefined],
      ['POST', `webhook-deliveries/${id}/replay`, undefined],
    ] as const)
      expect(await mine.call(method, path, body)).toMatchObject({ status: 404 })
  })
})

describe('keys', () => {
  it('are made with a text that is shown once, used, listed with their use, and ended', async () => {
    const { call } = await openShop()
    const before = await call('GET', 'keys')
    expect(before['items']).toEqual([])
    expect(before['scopes']).toContain('contacts.view')
    expect(before['scopes']).not.toContain('keys.create')
    const made = await call('POST', 'keys', { name: 'Depo', scopes: ['contacts.view'] })
    const headers = { authorization: `Bearer ${String(made['key'])}` }
    expect((await app.inject({ url: '/api/v1/contacts', headers })).statusCode).toBe(200)
    expect((await app.inject({ url: '/api/v1/webhooks', headers })).statusCode).toBe(403)
    const after = await call('GET', 'keys')
    expect(after['items']).toMatchObject([{ id: made.id, lastUsedAt: clock.now(), revokedAt: null }])
    expect(JSON.stringify(after)).not.toContain(String(made['key']))
    expect(await call('DELETE', `keys/${made.id}`)).toMatchObject({ status: 200 })
    expect((await app.inject({ url: '/api/v1/contacts', headers })).statusCode).toBe(401)
    expect(await call('DELETE', `keys/${made.id}`)).toMatchObject({ status: 404 })
  })

  it('are given nothing that a key may not have', async () => {
    const { call } = await openShop()
    expect(await call('POST', 'keys', { name: 'x', scopes: ['members.remove'] })).toMatchObject({
      status: 400,
      field: 'scopes',
    })
    expect(await call('POST', 'keys', { name: 'x', scopes: [] })).toMatchObject({ status: 400, field: 'scopes' })
  })
})

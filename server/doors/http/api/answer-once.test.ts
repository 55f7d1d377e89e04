import { describe, expect, it } from 'vitest'

import type { TenantAction } from '#contract/actions.ts'
import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { rotateTenantKey } from '#server/modules/accounts/index.ts'
import { createApiKey } from '#server/modules/tenancy/index.ts'
import { secretBox } from '#server/base/secret.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant, ownerAt } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { app, addMember } = openTestApi(db, clock)

/** A tenant and a caller of its own that may add endpoints. */
const openShop = async (scopes: readonly TenantAction[] = ['webhooks.view', 'webhooks.edit']) => {
  const tenantId = await createTenant(db)
  const key = async () =>
    (await inTenant(db, tenantId, (tx) => createApiKey(tx, { name: 'Depo', scopes }, ownerAt(NOON)))).key
  const callAs =
    (headers: Readonly<Record<string, string>>) =>
    async (name: string | null, input: { readonly name: string; readonly url?: string }, path = '/api/v1/webhooks') => {
      const answer = await app.inject({
        method: 'POST',
        url: path,
        headers: { ...headers, ...(name !== null && { 'idempotency-key': name }) },
        payload: { url: 'https://hooks.example.com/in', kinds: ['order.paid'], ...input },
      })
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body,
        json: () => JSON.parse(answer.body),
      }
    }
  const bearer = async () => callAs({ authorization: `Bearer ${await key()}` })
  const count = async () =>
    (await db.selectFrom('webhook_endpoint').select('id').where('tenant_id', '=', tenantId).execute()).length
  return { tenantId, call: await bearer(), bearer, callAs, count }
}

describe('a call that names itself', () => {
  it('is made once and answered again word by word, the secret shown once included, under whatever key', async () => {
    const { call, count, tenantId } = await openShop()
    const first = await call('a-1', { name: 'Muhasebe' })
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([200, undefined])
    await inTenant(db, tenantId, (tx) => rotateTenantKey(tx, secretBox(Buffer.alloc(32, 5)), ownerAt(NOON)))
    const second = await call('a-1', { name: 'Muhasebe' })
    expect(second).toMatchObject({ status: 200, body: first.body, headers: { 'idempotency-replayed': 'true' } })
    expect(second.headers['content-type']).toBe(first.headers['content-type'])
    expect(first.json().secret).toMatch(/^whsec_/)
    expect(await count()).toBe(1)
    const kept = await db.selectFrom('api_call').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(JSON.stringify(kept.map(({ answer_sealed }) => answer_sealed?.toString('latin1')))).not.toContain('whsec_')
  })

  it('is made once when it comes twice at the same time', async () => {
    const { call, count } = await openShop()
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('b-1', { name: 'Depo' })))
    const statuses = answers.map(({ status }) => status)
    expect(statuses).toContain(200)
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true)
    expect(new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body)).size).toBe(1)
    for (const answer of answers.filter(({ status }) => status === 409))
      expect(answer.json().code).toBe('idempotency_running')
    expect(await count()).toBe(1)
  })

  it('is refused when the name was used for something else, and has nothing to do with that of another caller', async () => {
    const { call, bearer, count } = await openShop()
    await call('c-1', { name: 'Bir' })
    const other = await call('c-1', { name: 'İki' })
    expect(other.status).toBe(422)
    expect(other.json()).toMatchObject({ code: 'idempotency_key_reused', field: 'Idempotency-Key' })
    const stranger = await bearer()
    expect((await stranger('c-1', { name: 'İki' })).status).toBe(200)
    expect(await count()).toBe(2)
  })

  it('may be made again when it was refused, for then nothing was done', async () => {
    const { call, count } = await openShop()
    const refused = await call('d-1', { name: 'Depo', url: 'nowhere' })
    expect([refused.status, refused.json().code]).toEqual([400, 'webhook_not_an_address'])
    expect((await call('d-1', { name: 'Depo' })).status).toBe(200)
    expect(await count()).toBe(1)
  })

  it('is not made again when it was cut off: whether it was done is for people to find out', async () => {
    const { call, count, tenantId } = await openShop()
    await call('e-1', { name: 'Depo' })
    await db
      .updateTable('api_call')
      .set({ state: 'running', status: null, answer_sealed: null })
      .where('tenant_id', '=', tenantId)
      .execute()
    expect((await call('e-1', { name: 'Depo' })).json().code).toBe('idempotency_running')
    await clock.advance(6 * MINUTE_MS)
    expect((await call('e-1', { name: 'Depo' })).json()).toMatchObject({ status: 409, code: 'idempotency_unknown' })
    expect(await count()).toBe(1)
  })

  it('is another call after a day', async () => {
    const { call, count } = await openShop()
    await call('f-1', { name: 'Depo' })
    await clock.advance(DAY_MS)
    expect((await call('f-1', { name: 'Depo' })).headers['idempotency-replayed']).toBeUndefined()
    expect(await count()).toBe(2)
  })

  it('has a name that is one', async () => {
    const { call } = await openShop()
    for (const name of ['', 'a b', 'x'.repeat(256)])
      expect((await call(name, { name: 'Depo' })).json()).toMatchObject({ status: 400, code: 'idempotency_key_bad' })
  })

  it('is nobody else’s to read: who may do nothing here gets nothing of it', async () => {
    const { call, tenantId, callAs } = await openShop()
    await call('g-1', { name: 'Depo' })
    const { cookie } = await addMember(tenantId, 'analyst')
    const analyst = callAs({ cookie, 'x-requested-with': 'gavatcore' })
    expect((await analyst('g-1', { name: 'Depo' })).status).toBe(403)
  })

  it('tells how many more calls there may be', async () => {
    const { call } = await openShop()
    const { headers } = await call(null, { name: 'Depo' })
    expect(Number(headers['x-ratelimit-limit'])).toBeGreaterThan(0)
    expect(Number(headers['x-ratelimit-remaining'])).toBe(Number(headers['x-ratelimit-limit']) - 1)
    expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(0)
  })
})

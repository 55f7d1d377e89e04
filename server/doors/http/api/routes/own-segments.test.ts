import { describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { app, addMember } = openTestApi(db, clock)

interface Answer {
  readonly id: number
  readonly version: number
  readonly detail?: string
  readonly count?: number
  readonly sample?: readonly object[] | null
  readonly items?: readonly { readonly id: number }[]
  readonly [more: string]: unknown
}

const URL = 'own-segments'
const WINTER = { name: 'Kışlıklar', conditions: [{ tag: 'Kış' }, { feature: 'orders', op: '<=', value: 0 }] }

/** A tenant with two people who carry the tag and one who does not, and its owner. */
const openShop = async () => {
  const tenantId = await createTenant(db)
  const [first, second] = [
    await createContact(db, tenantId, { tags: ['kış'], firstName: 'Ayşe' }),
    await createContact(db, tenantId, { tags: ['kış'], firstName: 'Hakan' }),
  ]
  await createContact(db, tenantId)
  return { tenantId, people: [first, second], owner: await addMember<Answer>(tenantId, 'owner') }
}

describe('own segments', () => {
  it('are made, counted, listed, used as a filter of contacts, changed and removed', async () => {
    const { owner, people } = await openShop()
    const made = await owner.call('POST', URL, WINTER)
    expect(made).toMatchObject({
      status: 200,
      name: 'Kışlıklar',
      conditions: [
        { tag: 'kış', is: true },
        { feature: 'orders', op: '<=', value: 0 },
      ],
      version: 1,
    })
    expect(await owner.call('GET', URL)).toMatchObject({ items: [{ id: made.id }], max: 50, tags: ['kış'] })
    expect((await owner.call('GET', URL))['features']).toContainEqual({
      name: 'orders',
      isFlag: false,
      min: 0,
      max: 1_000_000,
      isInteger: true,
    })
    const seen = await owner.call('POST', `${URL}/preview`, { conditions: WINTER.conditions })
    expect(seen).toMatchObject({ count: 2, sample: [{ firstName: 'Ayşe' }, { firstName: 'Hakan' }] })
    const { items } = await owner.call('GET', `contacts?own=${made.id}`)
    expect(items?.map(({ id }) => id)).toEqual(people)
    const body = { name: 'Kış', conditions: [{ tag: 'kış', is: false }], expectedVersion: 1 }
    expect(await owner.call('PUT', `${URL}/${made.id}`, body)).toMatchObject({ status: 200, version: 2 })
    expect(await owner.call('PUT', `${URL}/${made.id}`, body)).toMatchObject({
      status: 409,
      code: 'own_segment_moved_on',
    })
    expect((await owner.call('GET', `contacts?own=${made.id}`)).items).toHaveLength(1)
    expect(await owner.call('DELETE', `${URL}/${made.id}`)).toMatchObject({ status: 200 })
    expect(await owner.call('GET', `${URL}/${made.id}`)).toMatchObject({ status: 404 })
    expect(await owner.call('GET', `contacts?own=${made.id}`)).toMatchObject({ status: 404 })
    const audit = await db.selectFrom('audit_log').select('action').where('action', 'like', 'own_segment%').execute()
    expect(audit.map(({ action }) => action)).toEqual([
      'own_segment.created',
      'own_segment.updated',
      'own_segment.removed',
    ])
  })

  it('say in the language of who asks which condition is wrong', async () => {
    const { tenantId } = await openShop()
    for (const language of ['tr', 'en', 'ru', 'ar'] as const) {
      const { call } = await addMember<Answer>(tenantId, 'owner', { language })
      const refused = await call('POST', `${URL}/preview`, {
        conditions: [{ tag: 'kış' }, { tag: 'kış', is: false }],
      })
      expect(refused).toMatchObject({ status: 400, code: 'own_segment_opposites', field: 'conditions[1]' })
      expect(refused.detail).toMatch(/kış/)
      expect(refused.detail).not.toBe('own_segment_opposites')
    }
  })

  it('show people to those who may see them, as far as they may', async () => {
    const { tenantId } = await openShop()
    const preview = async (role: 'agent' | 'analyst') => {
      const { call } = await addMember<Answer>(tenantId, role)
      return call('POST', `${URL}/preview`, { conditions: [{ tag: 'kış' }] })
    }
    expect((await preview('agent')).sample).toMatchObject([{ firstName: 'Ayşe', username: null }, {}])
    expect((await preview('analyst')).sample).toMatchObject([{ firstName: null, lastName: null }, {}])
  })

  it('hide people from a key that may see segments and no contacts', async () => {
    const { owner } = await openShop()
    const { key } = (await owner.call('POST', 'keys', { name: 'k', scopes: ['segments.view'] })) as unknown as {
      key: string
    }
    const { body } = await app.inject({
      method: 'POST',
      url: `/api/v1/${URL}/preview`,
      headers: { authorization: `Bearer ${key}` },
      payload: { conditions: [{ tag: 'kış' }] },
    })
    expect(JSON.parse(body)).toEqual({ count: 2, sample: null })
  })

  it('are nobody else’s: strangers, other tenants and roles without the right', async () => {
    const { owner, tenantId } = await openShop()
    const { id } = await owner.call('POST', URL, WINTER)
    expect((await app.inject({ url: `/api/v1/${URL}` })).statusCode).toBe(401)
    const stranger = await addMember<Answer>(await createTenant(db), 'owner')
    const change = { ...WINTER, expectedVersion: 1 }
    expect(await stranger.call('GET', URL)).toMatchObject({ items: [] })
    for (const [method, body] of [['GET'], ['PUT', change], ['DELETE']] as const)
      expect(await stranger.call(method, `${URL}/${id}`, body)).toMatchObject({ status: 404 })
    expect(await stranger.call('GET', `contacts?own=${id}`)).toMatchObject({ status: 404 })
    const analyst = await addMember<Answer>(tenantId, 'analyst')
    expect(await analyst.call('GET', `${URL}/${id}`)).toMatchObject({ status: 200 })
    expect(await analyst.call('POST', URL, WINTER)).toMatchObject({ status: 403 })
    for (const [method, body] of [['PUT', change], ['DELETE']] as const)
      expect(await analyst.call(method, `${URL}/${id}`, body)).toMatchObject({ status: 403 })
    const billing = await addMember<Answer>(tenantId, 'billing')
    expect(await billing.call('GET', URL)).toMatchObject({ status: 403 })
    expect(await billing.call('POST', `${URL}/preview`, { conditions: WINTER.conditions })).toMatchObject({
      status: 403,
    })
  })

  it('stay while a campaign is for them, and the campaign tells their name', async () => {
    const { owner, tenantId } = await openShop()
    const { id } = await owner.call('POST', URL, WINTER)
    expect(await owner.call('GET', 'campaigns/choices')).toMatchObject({ own: [{ id, name: 'Kışlıklar' }] })
    const made = await db
      .insertInto('campaign')
      .values({
        tenant_id: tenantId,
        name: 'Yaz',
        kind: 'broadcast',
        state: 'draft',
        account_id: await createAccount(db, tenantId),
        audience: JSON.stringify({ segments: [], tags: [], chats: [], own: [id, id + 10_000] }),
        steps: '[]',
        created_at: toDate(NOON),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    expect(await owner.call('GET', `campaigns/${made.id}`)).toMatchObject({
      audience: {
        own: [
          { id, name: 'Kışlıklar' },
          { id: id + 10_000, name: null },
        ],
      },
    })
    const refused = await owner.call('DELETE', `${URL}/${id}`)
    expect(refused).toMatchObject({ status: 409, code: 'own_segment_in_use' })
    expect(refused.detail).toContain('"Yaz"')
  })
})

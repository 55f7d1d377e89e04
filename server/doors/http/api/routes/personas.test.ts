import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember, app } = openTestApi(db, clock)

interface Answer {
  readonly version: number
  readonly items: readonly { readonly version: number; readonly changed: readonly string[] }[]
  readonly faults: readonly { readonly field: string; readonly code: string; readonly detail: string }[]
  readonly persona: object | null
  readonly [more: string]: unknown
}

const openShop = async () => {
  const tenantId = await createTenant(db, { package: 'professional' })
  const accountId = await createAccount(db, tenantId)
  const { call, id, cookie } = await addMember<Answer>(tenantId, 'owner')
  return { tenantId, accountId, call, memberId: id, cookie }
}

const contentOf = (over: object = {}) => ({
  displayName: 'Ayşe',
  tone: 'sıcak',
  style: '',
  language: 'tr',
  facts: {
    catalogue: [{ name: 'VIP üyelik', priceMinor: 29_990, currency: 'TRY' }],
    faq: [{ question: 'Kargo?', answer: 'İki günde.' }],
    notes: [],
  },
  doNots: ['Rakipleri kötüleme'],
  greeting: 'Merhaba!',
  menu: [{ label: 'Üyelik', text: '', product: 'VIP üyelik' }],
  sampleReplies: [],
  ...over,
})
const pricedAt = (priceMinor: unknown) =>
  contentOf({ facts: { catalogue: [{ name: 'VIP üyelik', priceMinor, currency: 'TRY' }], faq: [], notes: [] } })

describe('personas', () => {
  it('begin as the package has them, are rewritten version by version, and go back to one', async () => {
    const { tenantId, accountId, call, memberId } = await openShop()
    const at = `personas/${accountId}`
    expect(await call('GET', 'personas')).toMatchObject({ items: [{ account: { id: accountId }, persona: null }] })
    expect(await call('PUT', at, { ...contentOf(), expectedVersion: 0 })).toMatchObject({ status: 404 })
    const first = await call('POST', at)
    expect(first).toMatchObject({
      status: 200,
      version: 1,
      language: 'tr',
      facts: { catalogue: [{ currency: 'TRY' }] },
    })
    expect(await call('POST', at)).toMatchObject({ version: 1 })
    const second = await call('PUT', at, { ...contentOf(), expectedVersion: 1 })
    expect(second).toMatchObject({ status: 200, version: 2, ...contentOf(), updatedBy: `member:${memberId}` })
    const third = await call('PUT', at, { ...contentOf({ tone: 'resmî' }), expectedVersion: 2 })
    expect(third).toMatchObject({ version: 3, tone: 'resmî' })

    const page = await call('GET', `${at}/versions?limit=2`)
    expect(page).toMatchObject({ items: [{ version: 3, changed: ['tone'] }, { version: 2 }], nextCursor: '2' })
    expect(page.items[1]?.changed).toContain('facts')
    expect(await call('GET', `${at}/versions?limit=2&cursor=2`)).toMatchObject({
      items: [{ version: 1, changed: [] }],
      nextCursor: null,
    })
    expect(await call('GET', `${at}/versions/2`)).toMatchObject({ version: 2, tone: 'sıcak' })
    expect(await call('GET', `${at}/versions/9`)).toMatchObject({ status: 404 })

    const stale = { version: 2, expectedVersion: 2 }
    expect(await call('POST', `${at}/restore`, stale)).toMatchObject({ status: 409, code: 'persona_moved_on' })
    expect(await call('POST', `${at}/restore`, { version: 2, expectedVersion: 3 })).toMatchObject({ version: 4, tone: 'sıcak' }) // prettier-ignore
    const audit = await db.selectFrom('audit_log').select(['action', 'actor']).where('tenant_id', '=', tenantId).where('action', 'like', 'persona.%').orderBy('id').execute() // prettier-ignore
    expect(audit.map(({ action }) => action)).toEqual(['persona.created', ...Array<string>(3).fill('persona.updated')])
    expect(new Set(audit.map(({ actor }) => actor))).toEqual(new Set([`member:${memberId}`]))
  })

  it('are not overwritten by whoever saw an older one, and the same again is no version', async () => {
    const { accountId, call } = await openShop()
    const at = `personas/${accountId}`
    await call('POST', at)
    const mine = { ...contentOf(), expectedVersion: 1 }
    const both = await Promise.all([call('PUT', at, { ...mine, tone: 'a' }), call('PUT', at, { ...mine, tone: 'b' })])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(both.find(({ status }) => status === 409)).toMatchObject({ code: 'persona_moved_on', field: 'expectedVersion' }) // prettier-ignore
    const tone = both.find(({ status }) => status === 200)?.['tone']
    expect(await call('PUT', at, { ...contentOf({ tone }), expectedVersion: 2 })).toMatchObject({ version: 2 })
  })

  it('say field by field what is wrong, in the language of the caller, and write nothing', async () => {
    const { tenantId, accountId, call } = await openShop()
    const english = await addMember<Answer>(tenantId, 'admin', { language: 'en' })
    const bad = {
      ...pricedAt(-500),
      displayName: ' ',
      doNots: ['Yapay zekâ olduğunu söyleme', 'b'],
      menu: [{ label: 'x', text: '' }],
    }
    const { faults } = await call('POST', 'personas/check', bad)
    expect(faults.map(({ field, code }) => [field, code])).toEqual([
      ['displayName', 'field_small'],
      ['facts.catalogue[0].priceMinor', 'persona_price'],
    ])
    expect(faults[1]?.detail).toContain('299,90')
    expect((await english.call('POST', 'personas/check', bad)).faults[1]?.detail).toContain('a price must lie between')
    const shaped = { ...bad, ...pricedAt(500), doNots: bad.doNots, menu: bad.menu }
    expect((await call('POST', 'personas/check', shaped)).faults.map(({ field }) => field)).toEqual([
      'doNots[0]',
      'menu[0].text',
    ])
    expect((await call('POST', 'personas/check', contentOf())).faults).toEqual([])
    expect((await call('GET', `personas/${accountId}`)).persona).toBeNull()
  })

  it('are refused at the field that is wrong', async () => {
    const { accountId, call } = await openShop()
    await call('POST', `personas/${accountId}`)
    for (const [content, field] of [
      [pricedAt(null), 'facts.catalogue[0].priceMinor'],
      [pricedAt(12.5), 'facts.catalogue[0].priceMinor'],
      [contentOf({ menu: [{ label: 'a', text: '', product: 'Yok' }] }), 'menu[0].product'],
      [contentOf({ greeting: 'IBAN TR330006100519786457841326' }), 'greeting'],
      [contentOf({ tone: 'Ben gerçek bir insanım de' }), 'tone'],
      [contentOf({ language: 'de' }), 'language'],
    ] as const) {
      const refused = await call('PUT', `personas/${accountId}`, { ...content, expectedVersion: 1 })
      expect([field, refused]).toMatchObject([field, { status: 400, field }])
    }
    expect(await call('GET', `personas/${accountId}`)).toMatchObject({ persona: { version: 1 } })
  })

  it('of another tenant are not there', async () => {
    const [mine, theirs] = [await openShop(), await openShop()]
    const at = `personas/${theirs.accountId}`
    await theirs.call('POST', at)
    for (const [method, path, body] of [
      ['GET', at, undefined],
      ['POST', at, undefined],
      ['PUT', at, { ...contentOf(), expectedVersion: 1 }],
      ['GET', `${at}/versions`, undefined],
      ['GET', `${at}/versions/1`, undefined],
      ['POST', `${at}/restore`, { version: 1, expectedVersion: 1 }],
    ] as const)
      expect([path, await mine.call(method, path, body)]).toMatchObject([path, { status: 404 }])
    expect(await theirs.call('GET', at)).toMatchObject({ persona: { version: 1 } })
  })

  it('are read by agents, changed by those who may, and made once by a call that names itself', async () => {
    const { tenantId, accountId, cookie } = await openShop()
    const at = `personas/${accountId}`
    const [agent, analyst] = [await addMember(tenantId, 'agent'), await addMember(tenantId, 'analyst')]
    expect(await analyst.call('GET', at)).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await agent.call('GET', at)).toMatchObject({ status: 200 })
    expect(await agent.call('POST', at)).toMatchObject({ status: 403, code: 'not_allowed' })
    const named = () =>
      app.inject({
        method: 'POST',
        url: `/api/v1/${at}`,
        headers: { cookie, 'x-requested-with': 'gavatcore', 'idempotency-key': 'begin-once' },
      })
    const [once, again] = [await named(), await named()]
    expect([once.statusCode, again.statusCode, again.headers['idempotency-replayed']]).toEqual([200, 200, 'true'])
    expect(again.body).toBe(once.body)
  })
})

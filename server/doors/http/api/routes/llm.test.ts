import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { recordConsent } from '#server/modules/contacts/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const model = createFakeModel({ clock })
const { addMember } = openTestApi(db, clock, {
  models: { model, clock, installation: null, arePrivateAllowed: false },
})
const KEY = 'sk-cok-gizli-anahtar'
const OWN = { mode: 'own', baseUrl: 'https://api.example.com/v1', model: 'ornek', apiKey: KEY }

interface Answer {
  readonly version: number
  readonly [more: string]: unknown
}

const openShop = async () => {
  const tenantId = await createTenant(db)
  const { call, id } = await addMember<Answer>(tenantId, 'owner')
  const set = (expectedVersion: number, change: object) => call('PATCH', 'llm', { expectedVersion, ...change })
  return { tenantId, call, set, memberId: id }
}

describe('llm', () => {
  it('is set with a key that is never given back, and does not follow to another address', async () => {
    const { tenantId, call, set, memberId } = await openShop()
    expect(await call('GET', 'llm')).toMatchObject({
      version: 0,
      mode: 'off',
      hasInstallation: false,
      tokensAllowed: 0,
    })
    const made = await set(0, { ...OWN, tokensPerMonth: 50_000, perMinuteMax: 5 })
    expect(made).toMatchObject({
      status: 200,
      version: 1,
      mode: 'own',
      hasKey: true,
      model: 'ornek',
      tokensPerMonth: 50_000,
      tokensAllowed: 50_000,
      rest: null,
    })
    const seen = [made, await call('GET', 'llm'), await db.selectFrom('audit_log').selectAll().execute()]
    expect(JSON.stringify(seen)).not.toContain(KEY)
    expect(await set(1, { baseUrl: 'https://api.example.org/v1' })).toMatchObject({ version: 2, hasKey: false })
    const audit = await db.selectFrom('audit_log').select(['actor', 'action']).where('tenant_id', '=', tenantId).execute() // prettier-ignore
    const line = { actor: `member:${memberId}`, action: 'model.set' }
    expect(audit).toEqual([line, line])
  })

  it('is not overwritten by whoever saw an older setting', async () => {
    const { set } = await openShop()
    await set(0, OWN)
    const both = await Promise.all([set(1, { perMinuteMax: 7 }), set(1, { perMinuteMax: 8 })])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(both.find(({ status }) => status === 409)).toMatchObject({ code: 'settings_moved_on' })
  })

  it('refuses what is no model, naming the field', async () => {
    const { set } = await openShop()
    for (const [change, field] of [
      [{ ...OWN, baseUrl: 'http://api.example.com/v1' }, 'baseUrl'],
      [{ ...OWN, baseUrl: 'https://10.0.0.1/v1' }, 'baseUrl'],
      [{ ...OWN, model: ' ' }, 'model'],
      [{ ...OWN, apiKey: 'iki kelime' }, 'apiKey'],
      [{ ...OWN, tokensPerMonth: 1.5 }, 'tokensPerMonth'],
      [{ ...OWN, perMinuteMax: 0 }, 'perMinuteMax'],
    ] as const)
      expect([field, await set(0, change)]).toMatchObject([field, { status: 400, field }])
    expect(await set(0, { mode: 'installation' })).toMatchObject({ status: 503, code: 'no_installation_model' })
  })

  it('is tried with one real question, whose cost is in the month and in the usage by day', async () => {
    const { call, set } = await openShop()
    expect(await call('POST', 'llm/test')).toMatchObject({ refusal: 'off', text: null, latencyMs: null })
    await set(0, OWN)
    model.answer({ otherwise: { kind: 'value', value: { sum: 42, text: 'Hazırım.' } } })
    expect(await call('POST', 'llm/test')).toMatchObject({ refusal: null, text: 'Hazırım.', isRight: true })
    model.answer({ otherwise: { kind: 'rejected', status: 401 } })
    expect(await call('POST', 'llm/test')).toMatchObject({ refusal: 'rejected', text: null, isRight: null })
    const usage = await call('GET', 'llm/usage?days=7')
    expect(usage).toMatchObject({
      days: [{ day: '2026-06-01', purpose: 'assist', questions: 2, answered: 1 }],
      outcomes: [
        { outcome: 'answered', questions: 1 },
        { outcome: 'rejected', questions: 1 },
      ],
    })
    expect(usage['tokens']).toBeGreaterThan(0)
    expect((await call('GET', 'llm'))['tokensTaken']).toBe(usage['tokens'])
    expect(await call('GET', 'llm/usage?days=0')).toMatchObject({ status: 400, field: 'days' })
  })

  it('says how many people agreed, by their newest word', async () => {
    const { tenantId, call } = await openShop()
    for (const words of [[true], [true, false], [false]]) {
      const contactId = await createContact(db, tenantId)
      for (const [i, granted] of words.entries())
        await inTenant(db, tenantId, (tx) =>
          recordConsent(tx, {
            contactId,
            purpose: 'ai_processing',
            granted,
            textVersion: 'v1',
            source: 'bot',
            at: NOON + i,
          }),
        )
    }
    expect(await call('GET', 'llm')).toMatchObject({ consents: { granted: 1, refused: 2 } })
  })

  it('is each tenant’s own, and set and tried only by those who may', async () => {
    const [mine, theirs] = [await openShop(), await openShop()]
    await theirs.set(0, OWN)
    expect(await mine.call('GET', 'llm')).toMatchObject({ version: 0, baseUrl: null })
    expect(await mine.call('GET', 'llm/usage')).toMatchObject({ days: [] })
    const agent = await addMember(theirs.tenantId, 'agent')
    expect(await agent.call('GET', 'llm')).toMatchObject({ status: 200 })
    expect(await agent.call('PATCH', 'llm', { expectedVersion: 1, mode: 'off' })).toMatchObject({ status: 403 })
    expect(await agent.call('POST', 'llm/test')).toMatchObject({ status: 403, code: 'not_allowed' })
    const billing = await addMember(theirs.tenantId, 'billing')
    expect(await billing.call('GET', 'llm')).toMatchObject({ status: 403 })
  })
})

import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb, createPool } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type FakeReply, createFakeModel, saying } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { eraseContact, recordConsent } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, type TenantOptions, createContact, createTenant } from '#server/testing/factories.ts'

import { createAskModel } from './ask-model.ts'
import { setModel } from './set-model.ts'

const { pool, connectionString } = await createTestDatabase()
const db = createDb(pool)
const box = secretBox(randomKey())
const schema = z.object({ text: z.string() })

const ACTOR = { access: { kind: 'member', role: 'owner' }, by: 'member:1', at: NOON } as const
const SETS = { box, hasInstallation: true, arePrivateAllowed: false }
const INSTALLATION = { baseUrl: 'https://model.example/v1', apiKey: null, model: 'ornek' }

type Change = Parameters<typeof setModel>[2]

const openWorld = async (setting: Change = { mode: 'installation' }, tenant: TenantOptions = {}) => {
  const tenantId = await createTenant(db, tenant)
  const set = (change: Change) => inTenant(db, tenantId, (tx) => setModel(tx, SETS, change, ACTOR))
  await set(setting)
  const clock = new ManualClock(NOON)
  const model = createFakeModel({ clock })
  const deps = { db, box, clock, model, installation: INSTALLATION }
  const uses = () => db.selectFrom('model_use').selectAll().where('tenant_id', '=', tenantId).orderBy('id').execute()
  const meter = () =>
    db.selectFrom('model_meter').selectAll().where('tenant_id', '=', tenantId).executeTakeFirstOrThrow()
  return { tenantId, clock, model, deps, ask: createAskModel(deps), set, uses, meter }
}

const question = (tenantId: number, over: Partial<Parameters<ReturnType<typeof createAskModel>>[0]> = {}) => ({
  tenantId,
  purpose: 'reply' as const,
  contactIds: [],
  prompt: { name: 'deneme', version: 1, system: 'Kısa yanıt ver.' },
  messages: [{ role: 'user' as const, content: 'Merhaba' }],
  shape: { name: 'reply', schema },
  outputTokensMax: 100,
  ...over,
})

describe('createAskModel', () => {
  it('answers "off" while no model is set, or the installation has none, and asks nobody', async () => {
    const { ask, model, tenantId, deps } = await openWorld()
    const other = await createTenant(db)
    const off = { kind: 'unanswered', reason: 'off', retryAfterMs: null }
    expect(await ask(question(other))).toEqual(off)
    expect(await createAskModel({ ...deps, installation: null })(question(tenantId))).toEqual(off)
    expect(model.asked).toEqual([])
  })

  it('asks only about people who agreed, with their names hidden, and puts the names back', async () => {
    const { ask, model, tenantId, uses } = await openWorld()
    const silent = await createContact(db, tenantId)
    const willing = await createContact(db, tenantId, { consents: ['ai_processing'] })
    const secrets = [{ text: 'Ayşe', placeholder: '[AD]' }]
    model.answer({ otherwise: saying('Merhaba [AD]!') })
    const about = (...contactIds: number[]) =>
      ask(question(tenantId, { contactIds, secrets, messages: [{ role: 'user', content: 'Ben AYŞE' }] }))
    expect(await about(silent)).toMatchObject({ kind: 'unanswered', reason: 'no_consent' })
    expect(await about(silent, willing)).toMatchObject({ kind: 'unanswered', reason: 'no_consent' })
    expect(await about(willing)).toMatchObject({ kind: 'answered', value: { text: 'Merhaba Ayşe!' }, model: 'ornek' })
    expect(model.asked).toHaveLength(1)
    expect(model.asked[0]?.request.messages[1]?.content).toBe('Ben [AD]')
    expect((await uses()).map((use) => [use.outcome, use.contact_id])).toEqual([
      ['no_consent', silent],
      ['no_consent', null],
      ['answered', willing],
    ])
  })

  it('asks nothing more once the consent is taken back', async () => {
    const { ask, model, tenantId } = await openWorld()
    const contactId = await createContact(db, tenantId, { consents: ['ai_processing'] })
    await inTenant(db, tenantId, (tx) =>
      recordConsent(tx, {
        contactId,
        purpose: 'ai_processing',
        granted: false,
        textVersion: '1',
        source: 'bot',
        at: NOON,
      }),
    )
    expect(await ask(question(tenantId, { contactIds: [contactId] }))).toMatchObject({ reason: 'no_consent' })
    expect(model.asked).toEqual([])
  })

  it('writes what was used and never a text, holds the most and gives back the rest', async () => {
    const { ask, model, tenantId, uses, meter, clock } = await openWorld()
    model.answer({ otherwise: { kind: 'text', text: '{"text":"gizli yanıt"}', delayMs: 300 } })
    const asking = ask(question(tenantId, { messages: [{ role: 'user', content: 'gizli soru' }] }))
    while (model.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const held = (await meter()).tokens_taken
    expect(held).toBeGreaterThan(400)
    await clock.advance(300)
    await asking
    const [use] = await uses()
    expect(use).toMatchObject({
      purpose: 'reply',
      prompt: 'deneme',
      prompt_version: 1,
      model: 'ornek',
      outcome: 'answered',
      format: 'json_schema',
      latency_ms: 300,
    })
    expect((await meter()).tokens_taken).toBe((use?.input_tokens ?? 0) + (use?.output_tokens ?? 0))
    expect((await meter()).tokens_taken).toBeLessThan(held)
    expect(JSON.stringify(await uses())).not.toContain('gizli')
  })

  it.each<[FakeReply, string, number | null]>([
    [{ kind: 'refusal' }, 'refused', null],
    [{ kind: 'text', text: 'saçma' }, 'unusable', null],
    [{ kind: 'html' }, 'unreachable', null],
    [{ kind: 'rejected', status: 401 }, 'rejected', null],
    [{ kind: 'rate_limited', afterMs: 1_500 }, 'rate_limited', 1_500],
  ])('says why there is no answer: %o', async (reply, reason, retryAfterMs) => {
    const { ask, model, tenantId, uses } = await openWorld()
    model.answer({ otherwise: reply })
    expect(await ask(question(tenantId))).toEqual({ kind: 'unanswered', reason, retryAfterMs })
    expect((await uses()).map(({ outcome }) => outcome)).toEqual([reason])
  })

  it('gives up after the time it was given, and counts what the server may have charged', async () => {
    const { ask, model, tenantId, clock, uses, meter } = await openWorld()
    model.answer({ otherwise: { kind: 'silent' } })
    const asking = ask(question(tenantId, { timeoutMs: 5_000 }))
    while (model.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(5_000)
    expect(await asking).toMatchObject({ reason: 'timeout' })
    expect((await uses())[0]?.output_tokens).toBe(100)
    expect((await meter()).tokens_taken).toBeGreaterThan(400)
  })

  it('holds nothing against the endpoint when whoever asked lets go', async () => {
    const { ask, model, tenantId, uses, meter } = await openWorld()
    model.answer({ otherwise: { kind: 'silent' } })
    const stop = new AbortController()
    const asking = ask(question(tenantId, { signal: stop.signal }))
    while (model.asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    expect(await asking).toMatchObject({ reason: 'timeout' })
    expect((await uses())[0]?.outcome).toBe('cancelled')
    expect((await meter()).failure_count).toBe(0)
  })

  it('gives a failing endpoint a rest that every process keeps, and tries it again with one question', async () => {
    const { ask, model, tenantId, clock, deps } = await openWorld()
    const elsewhere = createAskModel(deps)
    model.answer({ otherwise: { kind: 'down' } })
    for (let n = 0; n < 5; n++) await ask(question(tenantId))
    expect(await elsewhere(question(tenantId))).toEqual({
      kind: 'unanswered',
      reason: 'circuit_open',
      retryAfterMs: 30_000,
    })
    expect(model.asked).toHaveLength(5)
    model.answer({ otherwise: { kind: 'value', value: { text: 'Tamam.' }, delayMs: 100 } })
    await clock.advance(30_000)
    const ended: string[] = []
    const tries = [1, 2, 3, 4].map(async (n) => ended.push((await (n % 2 ? ask : elsewhere)(question(tenantId))).kind))
    while (ended.length < 3) await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toEqual(['unanswered', 'unanswered', 'unanswered'])
    expect(model.asked).toHaveLength(6)
    await clock.advance(100)
    await Promise.all(tries)
    expect(ended[3]).toBe('answered')
    model.answer({})
    expect(await ask(question(tenantId))).toMatchObject({ kind: 'answered' })
  })

  it('forgets the rest when the endpoint is set anew', async () => {
    const { ask, model, tenantId, set } = await openWorld()
    model.answer({ otherwise: { kind: 'down' } })
    for (let n = 0; n < 5; n++) await ask(question(tenantId))
    model.answer({})
    await set({ mode: 'own', baseUrl: 'https://api.example.com/v1', model: 'baska', apiKey: 'sk-1' })
    expect(await ask(question(tenantId))).toMatchObject({ kind: 'answered', model: 'baska' })
    expect(model.asked.at(-1)?.endpoint).toEqual({
      baseUrl: 'https://api.example.com/v1',
      model: 'baska',
      apiKey: 'sk-1',
    })
  })

  it('asks no more than the rate in a minute', async () => {
    const { ask, tenantId, clock } = await openWorld({ mode: 'installation', perMinuteMax: 3 })
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(question(tenantId))))
    expect(answers.map((a) => (a.kind === 'unanswered' ? a.reason : a.kind)).sort()).toEqual([
      'answered',
      'answered',
      'answered',
      'rate_limited',
      'rate_limited',
    ])
    await clock.advance(MINUTE_MS)
    expect(await ask(question(tenantId))).toMatchObject({ kind: 'answered' })
  })

  it("lets nobody use more of the installation's model than the package has, and own models as much as was set", async () => {
    const { ask, tenantId, set } = await openWorld({ mode: 'installation' }, { package: 'starter' })
    expect(await ask(question(tenantId))).toMatchObject({ reason: 'over_budget' })
    await set({ mode: 'own', baseUrl: 'https://api.example.com/v1', model: 'm' })
    expect(await ask(question(tenantId))).toMatchObject({ kind: 'answered' })
    await set({ tokensPerMonth: 0 })
    expect(await ask(question(tenantId))).toMatchObject({ reason: 'over_budget' })
  })

  it('never uses more than the month has, however many processes ask at once', async () => {
    const { model, tenantId, deps, uses, meter, set, ask } = await openWorld()
    model.answer({
      otherwise: (request) => ({ kind: 'text', text: `{"text":"${'a'.repeat(request.outputTokensMax)}"}` }),
    })
    await ask(question(tenantId))
    const one = (await meter()).tokens_taken
    const budget = one * 15
    await set({ tokensPerMonth: budget })
    const pools = [1, 2, 3].map((n) =>
      createPool({ connectionString, min: 0, max: 4, applicationName: `process ${n}` }),
    )
    const processes = pools.map((own) => createAskModel({ ...deps, db: createDb(own) }))
    const inTurn = (n: number) => processes[n % 3] ?? ask
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, n) => inTurn(n)(question(tenantId, { outputTokensMax: 60 + (n % 50) }))),
    )
    await Promise.all(pools.map((own) => own.end()))
    const used = (await uses()).reduce((sum, use) => sum + use.input_tokens + use.output_tokens, 0)
    expect(used).toBeLessThanOrEqual(budget)
    expect((await meter()).tokens_taken).toBe(used)
    const kinds = new Set(answers.map((a) => (a.kind === 'unanswered' ? a.reason : a.kind)))
    expect(kinds).toEqual(new Set(['answered', 'over_budget']))
  })

  it('gives the same answer again within a day at no cost, and to nobody and nothing else', async () => {
    const { ask, model, tenantId, clock, meter, set, uses } = await openWorld()
    const [a, b] = [
      await createContact(db, tenantId, { consents: ['ai_processing'] }),
      await createContact(db, tenantId, { consents: ['ai_processing'] }),
    ]
    let count = 0
    model.answer({ otherwise: () => ({ kind: 'value', value: { text: `yanıt ${++count} [AD]` } }) })
    const secrets = [{ text: 'Ayşe', placeholder: '[AD]' }]
    const told = async (over: Parameters<typeof question>[1]): Promise<string> => {
      const messages = [{ role: 'user' as const, content: 'Ben Ayşe' }]
      const answer = await ask(question(tenantId, { cacheKey: 'k', contactIds: [a], secrets, messages, ...over }))
      return answer.kind === 'answered' ? schema.parse(answer.value).text : answer.reason
    }
    expect(await told({})).toBe('yanıt 1 Ayşe')
    const taken = (await meter()).tokens_taken
    expect(await told({})).toBe('yanıt 1 Ayşe')
    expect((await meter()).tokens_taken).toBe(taken)
    expect((await uses()).at(-1)).toMatchObject({ outcome: 'cached', input_tokens: 0 })
    expect(JSON.stringify(await db.selectFrom('model_answer').select('value').execute())).not.toContain('Ayşe')
    expect(await told({ contactIds: [b] })).toBe('yanıt 2 Ayşe')
    expect(await told({ prompt: { name: 'deneme', version: 2, system: 'x' } })).toBe('yanıt 3 Ayşe')
    expect(await told({ prompt: { name: 'baska', version: 1, system: 'x' } })).toBe('yanıt 4 Ayşe')
    expect(await told({ cacheKey: 'l' })).toBe('yanıt 5 Ayşe')
    expect(await told({ messages: [{ role: 'user', content: 'Ben Ayşe, 0532 123 45 67' }] })).toBe('yanıt 6 Ayşe')
    await set({ mode: 'own', baseUrl: 'https://api.example.com/v1', model: 'm' })
    expect(await told({})).toBe('yanıt 7 Ayşe')
    await set({ mode: 'installation' })
    await clock.advance(DAY_MS)
    expect(await told({})).toBe('yanıt 8 Ayşe')
  })

  it('gives no kept answer to another tenant, after a consent is gone, or in another shape', async () => {
    const { ask, tenantId, model, deps } = await openWorld()
    const other = await openWorld()
    const contactId = await createContact(db, tenantId, { consents: ['ai_processing'] })
    const kept = { cacheKey: 'k', contactIds: [contactId] }
    await ask(question(tenantId, kept))
    await createAskModel(deps)(question(other.tenantId, { cacheKey: 'k' }))
    expect(model.asked).toHaveLength(2)
    const strict = { name: 'reply', schema: z.object({ text: z.string().max(2) }) }
    await ask(question(tenantId, { ...kept, shape: strict }))
    expect(model.asked).toHaveLength(3)
    await db.deleteFrom('contact_consent').where('contact_id', '=', contactId).execute()
    expect(await ask(question(tenantId, kept))).toMatchObject({ reason: 'no_consent' })
  })

  it('keeps nothing about somebody who is erased, not even what is answered later', async () => {
    const { ask, tenantId, model, clock, uses } = await openWorld()
    const contactId = await createContact(db, tenantId, { consents: ['ai_processing'] })
    const kept = { contactIds: [contactId] }
    await ask(question(tenantId, { ...kept, cacheKey: 'a' }))
    model.answer({ otherwise: { kind: 'value', value: { text: 'geç' }, delayMs: 100 } })
    const late = ask(question(tenantId, { ...kept, cacheKey: 'b' }))
    while (model.asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
    await inTenant(db, tenantId, (tx) => eraseContact(tx, contactId, { by: 'contact', at: NOON }))
    await clock.advance(100)
    await late
    const { rows } = await sql`select 1 from model_answer where tenant_id = ${tenantId}`.execute(db)
    expect(rows).toEqual([])
    expect((await uses()).map((use) => use.contact_id)).toEqual([null, null])
  })
})

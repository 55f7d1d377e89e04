import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { removeOldModelAnswers, removeOldModelUse } from '#server/db/retention.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { rotateTenantKey } from '#server/modules/accounts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { createAskModel } from './ask-model.ts'
import { reportModelUsage } from './report-model-usage.ts'
import { type ModelActor, type ModelChange, setModel } from './set-model.ts'
import { testModel } from './test-model.ts'
import { viewModel } from './view-model.ts'

const { pool } = await createTestDatabase()
const db = createDb(pool)
const box = secretBox(randomKey())
const OWNER: ModelActor = { access: { kind: 'member', role: 'owner' }, by: 'member:1', at: NOON }
const SETS = { box, hasInstallation: false, arePrivateAllowed: false }
const OWN: ModelChange = { mode: 'own', baseUrl: 'https://api.example.com/v1/', model: 'ornek', apiKey: 'sk-gizli' }
const OUTPUT = z.object({ text: z.string() })
const refusal = (code: string) => expect.objectContaining({ code }) as Error

const openTenant = async () => {
  const tenantId = await createTenant(db)
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const set = (change: ModelChange, actor = OWNER, deps = SETS) => within((tx) => setModel(tx, deps, change, actor))
  const view = () => within((tx) => viewModel(tx, OWNER.access, NOON))
  const model = createFakeModel()
  const deps = { db, box, clock: new ManualClock(NOON), model, installation: null }
  return { tenantId, within, set, view, model, deps }
}

describe('setModel', () => {
  it('keeps the key sealed, shows that there is one, and writes who set what into the audit log', async () => {
    const { set, view, tenantId, within, model, deps } = await openTenant()
    await set(OWN)
    expect(await view()).toMatchObject({
      mode: 'own',
      baseUrl: 'https://api.example.com/v1',
      hasKey: true,
      model: 'ornek',
      tokensTaken: 0,
      tokensAllowed: 2_000_000,
      month: '2026-06-01',
      rest: null,
    })
    const rows = [
      await db.selectFrom('model_setting').selectAll().where('tenant_id', '=', tenantId).execute(),
      await db.selectFrom('audit_log').selectAll().where('tenant_id', '=', tenantId).execute(),
    ]
    expect(JSON.stringify(rows)).not.toContain('sk-gizli')
    expect(rows[1]).toEqual([expect.objectContaining({ action: 'model.set', actor: 'member:1' })])
    await within((tx) => rotateTenantKey(tx, box, { by: 'member:1', at: NOON }))
    await testModel(deps, tenantId, OWNER)
    expect(model.asked[0]?.endpoint.apiKey).toBe('sk-gizli')
  })

  it('sends the key of one address to no other, and keeps the rest of what is not changed', async () => {
    const { set, view } = await openTenant()
    await set(OWN)
    await set({ tokensPerMonth: 5 })
    expect(await view()).toMatchObject({ hasKey: true, tokensPerMonth: 5, model: 'ornek' })
    await set({ baseUrl: 'https://other.example.com/v1' })
    expect(await view()).toMatchObject({ hasKey: false, tokensPerMonth: 5 })
    await set({ apiKey: 'sk-2' })
    await set({ apiKey: null, mode: 'off' })
    expect(await view()).toMatchObject({ mode: 'off', hasKey: false, tokensAllowed: 0 })
  })

  it.each<[ModelChange, string]>([
    [{ mode: 'own', model: 'm' }, 'model_incomplete'],
    [{ mode: 'own', baseUrl: 'https://api.example.com/v1' }, 'model_incomplete'],
    [{ ...OWN, baseUrl: 'http://api.example.com/v1' }, 'model_not_https'],
    [{ ...OWN, baseUrl: 'https://169.254.169.254/v1' }, 'model_private_address'],
    [{ baseUrl: 'api' }, 'model_not_an_address'],
    [{ ...OWN, apiKey: 'iki parça' }, 'model_key'],
    [{ ...OWN, tokensPerMonth: -1 }, 'whole_number_expected'],
    [{ ...OWN, perMinuteMax: 0 }, 'whole_number_expected'],
    [{ mode: 'installation' }, 'no_installation_model'],
  ])('refuses %o: %s', async (change, code) => {
    const { set, view } = await openTenant()
    await expect(set(change)).rejects.toThrow(refusal(code))
    expect((await view()).mode).toBe('off')
  })

  it('takes an address of the own network where whoever runs the installation allows it', async () => {
    const { set, view } = await openTenant()
    await set({ ...OWN, baseUrl: 'http://10.0.0.5:11434/v1' }, OWNER, { ...SETS, arePrivateAllowed: true })
    expect((await view()).mode).toBe('own')
  })

  it.each<ModelActor['access']>([
    { kind: 'nobody' },
    { kind: 'member', role: 'agent' },
    { kind: 'member', role: 'analyst' },
    { kind: 'operator', role: 'support' },
    { kind: 'api_key', scopes: ['settings.view'] },
  ])('is refused to %o, and so is a test', async (access) => {
    const { set, tenantId, deps } = await openTenant()
    const stranger = { ...OWNER, access }
    await expect(set(OWN, stranger)).rejects.toThrow(refusal('not_allowed'))
    await expect(testModel(deps, tenantId, stranger)).rejects.toThrow(refusal('not_allowed'))
  })

  it('changes nothing of another tenant', async () => {
    const [mine, theirs] = [await openTenant(), await openTenant()]
    await mine.set(OWN)
    expect(await theirs.view()).toMatchObject({ mode: 'off', baseUrl: null, hasKey: false })
  })
})

describe('testModel', () => {
  it('tells how the model did on one real question, and counts it', async () => {
    const { set, tenantId, model, deps, view } = await openTenant()
    await set(OWN)
    model.answer({ otherwise: { kind: 'value', value: { sum: 42, text: 'Hazırım.' } } })
    const test = await testModel(deps, tenantId, OWNER)
    expect(test).toMatchObject({
      answer: { kind: 'answered', value: { text: 'Hazırım.', isRight: true }, model: 'ornek' },
      format: 'json_schema',
      latencyMs: 0,
    })
    expect((await view()).tokensTaken).toBe(test.inputTokens + test.outputTokens)
    model.answer({ otherwise: { kind: 'value', value: { sum: 41, text: 'Hazırım.' } } })
    expect(await testModel(deps, tenantId, OWNER)).toMatchObject({ answer: { value: { isRight: false } } })
  })

  it('says why there is no answer', async () => {
    const { set, tenantId, model, deps } = await openTenant()
    expect(await testModel(deps, tenantId, OWNER)).toMatchObject({ answer: { reason: 'off' }, latencyMs: null })
    await set(OWN)
    model.answer({ otherwise: { kind: 'rejected', status: 401 } })
    expect(await testModel(deps, tenantId, OWNER)).toMatchObject({
      answer: { kind: 'unanswered', reason: 'rejected' },
      cause: 'status 401',
    })
  })
})

describe('reportModelUsage', () => {
  const question = (tenantId: number, purpose: 'reply' | 'segment') => ({
    tenantId,
    purpose,
    contactIds: [],
    prompt: { name: 'deneme', version: 1, system: 'x' },
    messages: [],
    shape: { name: 'reply', schema: OUTPUT },
    outputTokensMax: 10,
  })

  it('adds up what was used by day of the tenant and purpose, and of nobody else', async () => {
    const { set, tenantId, deps, within, model } = await openTenant()
    await set(OWN)
    const other = await openTenant()
    await other.set(OWN)
    const clock = new ManualClock(NOON - 13 * HOUR_MS)
    const ask = createAskModel({ ...deps, clock })
    model.answer({ otherwise: { kind: 'text', text: '{"text":"a"}', delayMs: 0 } })
    await ask(question(tenantId, 'reply'))
    await ask(question(other.tenantId, 'reply'))
    await clock.advance(13 * HOUR_MS)
    await ask(question(tenantId, 'reply'))
    await ask(question(tenantId, 'segment'))
    model.answer({ otherwise: { kind: 'refusal' } })
    await ask(question(tenantId, 'segment'))
    const report = await within((tx) => reportModelUsage(tx, OWNER.access, { days: 7, at: NOON }))
    expect(report.days.map(({ day, purpose, questions, answered }) => [day, purpose, questions, answered])).toEqual([
      ['2026-05-31', 'reply', 1, 1],
      ['2026-06-01', 'reply', 1, 1],
      ['2026-06-01', 'segment', 2, 1],
    ])
    expect(report.outcomes).toEqual({ answered: 3, refused: 1 })
    expect(report.tokens).toBe(report.days.reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0))
    expect(report.latencyMs).toEqual({ median: 0, p95: 0 })
    const today = await within((tx) => reportModelUsage(tx, OWNER.access, { days: 1, at: NOON }))
    expect(today.days).toHaveLength(2)
    await expect(within((tx) => reportModelUsage(tx, { kind: 'nobody' }, { days: 1, at: NOON }))).rejects.toThrow(
      refusal('not_allowed'),
    )
  })

  it('goes back as far as the ledger is kept, and kept answers as far as their day', async () => {
    const { set, tenantId, deps, within } = await openTenant()
    await set(OWN)
    await createAskModel(deps)({ ...question(tenantId, 'reply'), cacheKey: 'k' })
    expect(await removeOldModelAnswers(db, NOON + DAY_MS)).toBe(0)
    expect(await removeOldModelAnswers(db, NOON + DAY_MS + 1)).toBeGreaterThan(0)
    await removeOldModelUse(db, NOON + 399 * DAY_MS)
    const report = () => within((tx) => reportModelUsage(tx, OWNER.access, { days: 400, at: NOON }))
    expect((await report()).outcomes).toEqual({ answered: 1 })
    await removeOldModelUse(db, NOON + 401 * DAY_MS)
    expect((await report()).outcomes).toEqual({})
  })
})

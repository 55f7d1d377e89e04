import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { randomKey, secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { createFakeModel } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'

const { pool } = await createTestDatabase()
const db = createDb(pool)
await createTenant(db)
const model = createFakeModel({ otherwise: { kind: 'value', value: { sum: 42, text: 'Hazırım.' } } })
const box = secretBox(randomKey())
const { run, json } = createCliRunner(db, {
  models: () => Promise.resolve({ box, model, installation: null, arePrivateAllowed: false }),
})

const keyFile = path.join(mkdtempSync(path.join(tmpdir(), 'gavatcore-llm-')), 'key')
writeFileSync(keyFile, 'sk-gizli\n')
const SET = ['llm', 'set', '--whose', 'own', '--base-url', 'https://api.example.com/v1', '--model', 'ornek']

describe('gavatcore llm', () => {
  it('says how to begin while there is no model', async () => {
    expect((await run(['llm', 'show'])).out).toContain('gavatcore llm set --whose own')
    expect((await run(['llm', 'usage'])).out).toContain('gavatcore llm test')
    expect(await run(['llm', 'test'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('switched off') as string,
    })
  })

  it('sets a model, shows it without its key, tries it and counts what that used', async () => {
    const set = await run([...SET, '--key-file', keyFile, '--tokens-per-month', '5000', '--per-minute', '30'])
    expect(set).toMatchObject({ code: 0, err: '' })
    expect(set.out).toMatch(/own model[^]*api\.example\.com\/v1 · ornek[^]*kept, sealed[^]*0 of 5,000 tokens/)
    const tried = await run(['llm', 'test'])
    expect(tried.out).toMatch(/The model works: Hazırım\.[^]*json_schema/)
    const usage = await run(['llm', 'usage'])
    expect(usage.out).toMatch(/2026-06-01 +assistance +1 +1 +\d+ +█+/)
    expect(usage.out).toContain('answered')
    expect(await json(['llm', 'show'])).toMatchObject({ mode: 'own', hasKey: true, perMinuteMax: 30 })
    expect(await json(['llm', 'usage', '--days', '1'])).toMatchObject({ outcomes: { answered: 1 } })
    const said = JSON.stringify([set, tried, usage, await json(['llm', 'show'])])
    expect(said).not.toContain('sk-gizli')
  })

  it('refuses with the fix, rehearses a change, and switches off', async () => {
    const refused = await run(['llm', 'set', '--base-url', 'http://10.0.0.5/v1'])
    expect(refused.code).not.toBe(0)
    expect(refused.err).toContain('LLM_PRIVATE_ADDRESSES=on')
    await run(['llm', 'set', '--per-minute', '7', '--dry-run'])
    expect(await json(['llm', 'show'])).toMatchObject({ perMinuteMax: 30 })
    expect((await run(['llm', 'off'])).out).toContain('The model is off')
    expect(await json(['llm', 'show'])).toMatchObject({ mode: 'off' })
  })
})

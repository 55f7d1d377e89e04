import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createApiKey } from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant, ownerAt } from '#server/testing/factories.ts'

const MINUTE_MS = 60_000
const GENERATOR = fileURLToPath(new URL('../../node_modules/@hey-api/openapi-ts/dist/run.mjs', import.meta.url))
const COMPILER = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const HOOK = new URL('with-typescript-api.mjs', import.meta.url).href

const run = promisify(execFile)
const node = (args: readonly string[], cwd: string) => run(process.execPath, [...args], { cwd, timeout: 2 * MINUTE_MS })

const db = createDb((await createTestDatabase()).pool)
const { app } = openTestApi(db, new ManualClock(NOON))
let description: string
let folder: string

/** A program of somebody who has nothing of ours but the description. */
const PROGRAM = `
import { createClient } from './client/client/index.ts'
import { contactsList, webhooksAdd, type Contact } from './client/index.ts'

const [baseUrl = '', key = ''] = process.argv.slice(2)
const client = createClient({ baseUrl, auth: key })
const { data, error } = await contactsList({ client, query: { limit: 10 } })
if (error !== undefined) throw new Error(error.code)
const ids: readonly Contact['id'][] = data.items.map(({ id }) => id)
const refused = await webhooksAdd({
  client,
  headers: { 'idempotency-key': 'a-1' },
  body: { name: 'x', url: 'https://hooks.example.com', kinds: ['order.paid'] },
})
console.log(JSON.stringify({ ids, refused: refused.error?.code }))
`

const SETTINGS = {
  compilerOptions: {
    module: 'NodeNext',
    target: 'ES2024',
    lib: ['ES2024', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
  },
  include: ['program.ts', 'client'],
}

beforeAll(async () => {
  description = (await app.inject({ url: '/docs/json' })).body
  folder = mkdtempSync(path.join(tmpdir(), 'gavatcore-openapi-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the description of the API', () => {
  it('has nothing that an independent linter finds', async () => {
    const problems = await lintFromString({
      source: description,
      absoluteRef: path.join(folder, 'openapi.json'),
      config: await createConfig({ extends: ['recommended'] }),
    })
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
  })

  it(
    'is enough for a client that somebody else’s generator writes, which compiles and lists contacts',
    async () => {
      writeFileSync(path.join(folder, 'openapi.json'), description)
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
      const wanted = {
        input: path.join(folder, 'openapi.json'),
        output: { path: path.join(folder, 'client'), importFileExtension: '.ts', module: { extension: '.ts' } },
        logs: { level: 'silent', file: false },
      }
      writeFileSync(path.join(folder, 'wanted.mjs'), `export default ${JSON.stringify(wanted)}`)
      await node(['--import', HOOK, GENERATOR, '-f', path.join(folder, 'wanted.mjs')], folder)
      writeFileSync(path.join(folder, 'program.ts'), PROGRAM)
      writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS))
      await node([COMPILER, '-p', folder], folder)

      const tenantId = await createTenant(db)
      const accountId = await createAccount(db, tenantId)
      const contacts = [
        await createContact(db, tenantId, { accountId }),
        await createContact(db, tenantId, { accountId }),
      ]
      const { key } = await inTenant(db, tenantId, (tx) =>
        createApiKey(tx, { name: 'Rapor', scopes: ['contacts.view'] }, ownerAt(NOON)),
      )
      const address = await app.listen({ host: '127.0.0.1', port: 0 })
      const { stdout } = await node([path.join(folder, 'program.ts'), address, key], folder)
      const said = JSON.parse(stdout) as { ids: number[]; refused: string }
      expect(said.ids.toSorted((a, b) => a - b)).toEqual(contacts)
      expect(said.refused).toBe('not_allowed')

      // A call that the description does not know does not compile.
      writeFileSync(path.join(folder, 'program.ts'), PROGRAM.replace('limit: 10', "limit: 'ten'"))
      await expect(node([COMPILER, '-p', folder], folder)).rejects.toMatchObject({
        stdout: expect.stringContaining("Type 'string' is not assignable to type 'number'"),
      })
    },
    3 * MINUTE_MS,
  )
})

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createContact, createTenant } from '#server/testing/factories.ts'

const PROGRAM = resolve(import.meta.dirname, '../../cli.ts')

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

let db: Db
let databaseUrl: string
let folder: string

beforeAll(async () => {
  const database = await createTestDatabase()
  db = createDb(database.pool)
  databaseUrl = database.connectionString
  folder = await mkdtemp(join(tmpdir(), 'gavatcore-cli-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly stdin?: string } = {},
): Promise<Outcome> =>
  new Promise((done, fail) => {
    const env = {
      ...process.env,
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(folder, 'data'),
      LC_ALL: 'en_US.UTF-8',
      ...options.env,
    }
    const child = spawn(process.execPath, [PROGRAM, ...args], { env, cwd: folder, stdio: 'pipe' })
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.once('error', fail)
    child.once('close', (code) => done({ code, out, err }))
    child.stdin.end(options.stdin ?? '')
  })

/** A tenant of its own for each test, so that none counts another's rows. */
const shop = async () => {
  const tenantId = await createTenant(db)
  const { slug } = await db.selectFrom('tenant').select('slug').where('id', '=', tenantId).executeTakeFirstOrThrow()
  const accountId = await createAccount(db, tenantId)
  return { tenantId, accountId, on: ['--tenant', slug] as const }
}

describe('gavatcore', () => {
  it('shows its help on stderr and ends with 64 when nothing is asked', async () => {
    const { code, out, err } = await run([])
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toContain('Usage: gavatcore')
  })

  it('shows help on stdout and ends with 0 when help is asked', async () => {
    const { code, out, err } = await run(['contacts', '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('lists contacts')
  })

  it('speaks Turkish by itself, and the language it is told', async () => {
    expect((await run(['--help'], { env: { LC_ALL: 'C' } })).out).toContain('Kullanım: gavatcore')
    expect((await run(['--help', '--lang', 'ar'], { env: { LC_ALL: 'C' } })).out).toContain('الاستخدام')
    expect((await run(['--help'], { env: { LC_ALL: 'ru_RU.UTF-8' } })).out).toContain('Использование')
  })

  it('names an unknown command, suggests the near one, and ends with 64', async () => {
    const { code, out, err } = await run(['contcts', 'list'])
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toBe('There is no command "contcts". Did you mean contacts?\n')
  })

  it('lists every fault of the settings and ends with 78', async () => {
    const { code, err } = await run(['status'], { env: { PORT: 'x', POOL_MAX: '0' } })
    expect(code).toBe(78)
    expect(err).toContain('PORT: must be a whole number')
    expect(err).toContain('POOL_MAX: must be a whole number')
  })

  it('ends with 69 when the database cannot be reached', async () => {
    const { code, err } = await run(['status'], { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' } })
    expect(code).toBe(69)
    expect(err).toContain('The database cannot be reached')
  })

  it('asks for --tenant where there are several, naming them', async () => {
    await shop()
    await shop()
    const { code, err } = await run(['status'])
    expect(code).toBe(64)
    expect(err).toContain('choose one with --tenant')
  })

  it('survives a reader that stops reading', async () => {
    const { on, tenantId, accountId } = await shop()
    for (let i = 0; i < 50; i += 1) await createContact(db, tenantId, { accountId })
    const { code, out } = await new Promise<Outcome>((done) => {
      const line = `"${process.execPath}" "${PROGRAM}" contacts list --limit 500 ${on.join(' ')} --json | head -n 1`
      const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
        env: { ...process.env, DATABASE_URL: databaseUrl, LC_ALL: 'C' },
      })
      let text = ''
      child.stdout.on('data', (chunk) => (text += chunk))
      child.once('close', (exit) => done({ code: exit, out: text, err: '' }))
    })
    expect({ code, out }).toEqual({ code: 0, out: '{\n' })
  })
})

describe('doctor', () => {
  it('finds a reachable database and its schema', async () => {
    const { out, code } = await run(['doctor', '--json'])
    expect(code).toBe(0)
    const findings = JSON.parse(out) as { readonly id: string; readonly state: string }[]
    expect(findings.find((f) => f.id === 'database')?.state).toBe('ok')
    expect(findings.find((f) => f.id === 'migrations')?.state).toBe('ok')
  })

  it('ends with 1 and says what is wrong with the settings', async () => {
    const { out, code } = await run(['doctor'], { env: { PORT: '-1' } })
    expect(code).toBe(1)
    expect(out).toContain('PORT: must be a whole number')
  })
})

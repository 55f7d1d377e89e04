import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { readOrCreateKeyFile } from './base/key-file.ts'
import { secretBox } from './base/secret.ts'
import { loadConfig } from './config.ts'
import { asOperator } from './db/tenant-scope.ts'
import { listTenants } from './modules/tenancy/index.ts'
import { setUpTenant } from './modules/onboarding/index.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import { NOON } from './testing/factories.ts'

let folders: string[]
let opened: OpenDatabase[]

beforeAll(async () => {
  folders = [await mkdtemp(path.join(tmpdir(), 'silo-a-')), await mkdtemp(path.join(tmpdir(), 'silo-b-'))]
  const configs = folders.map((DATA_DIR) => loadConfig({ DATA_DIR, TENANCY: 'single' }, []))
  opened = await Promise.all(configs.map((config) => openDatabase(config, { applicationName: 'silo' })))
}, 120_000)

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()))
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

describe('two installations on one machine', () => {
  it('share nothing: each has its folder, server, key and one tenant, under whatever name', async () => {
    const [a, b] = opened as [OpenDatabase, OpenDatabase]
    const [folderA, folderB] = folders as [string, string]
    const make = (database: OpenDatabase, slug: string) =>
      setUpTenant(database.db, { slug, name: slug, package: 'starter' }, { by: 'test', at: NOON })
    const slugs = (database: OpenDatabase) =>
      asOperator(database.db, 'test', async (tx) => (await listTenants(tx)).map(({ slug }) => slug))
    await make(a, 'musteri')
    expect(await slugs(b)).toEqual([])
    await make(b, 'musteri')
    await expect(make(a, 'ikinci')).rejects.toMatchObject({ code: 'single_tenant' })

    const identity = async ({ pool }: OpenDatabase) =>
      (await pool.query('select system_identifier::text as id from pg_control_system()')).rows[0]?.id as string
    expect(await identity(a)).not.toBe(await identity(b))
    for (const folder of folders) expect(existsSync(folder)).toBe(true)
    const [keyA, keyB] = [folderA, folderB].map((folder) => readOrCreateKeyFile(path.join(folder, 'key')))
    const sealed = secretBox(keyA as Buffer).seal('gizli', 'x')
    expect(() => secretBox(keyB as Buffer).open(sealed, 'x')).toThrow('secret_unreadable')
  }, 60_000)

  it('go on without each other', async () => {
    const [a, b] = opened as [OpenDatabase, OpenDatabase]
    await a.close()
    expect((await b.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  }, 60_000)
})

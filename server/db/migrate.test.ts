import { randomBytes } from 'node:crypto'

import { describe, expect, it, onTestFinished } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'

import { migrateDatabase } from './migrate.ts'
import { createDb, createPool } from './pool.ts'
import { inTenant } from './tenant-scope.ts'

describe('migrateDatabase', () => {
  it('is content with a role that an administrator made and granted beforehand, as docs/operations.md says', async () => {
    const { pool, connectionString } = await createTestDatabase()
    const role = `plain_${randomBytes(6).toString('hex')}`
    await pool.query(`create role ${role} login password 'x' nosuperuser nocreaterole`)
    await pool.query(`grant gavatcore_tenant to ${role}; grant ${role} to current_user`)
    await pool.query('drop schema public cascade')
    await pool.query(`drop schema if exists pgboss cascade; create schema public authorization ${role}`)
    const { rows } = await pool.query<{ name: string }>('select current_database() as name')
    await pool.query(`grant create on database ${rows[0]?.name} to ${role}`)
    const url = new URL(connectionString)
    url.username = role
    url.password = 'x'
    const plain = createPool({ connectionString: url.href, min: 0, max: 2, applicationName: 'gavatcore test' })
    onTestFinished(async () => {
      await plain.end()
      await pool.query(`drop owned by ${role} cascade`)
      await pool.query(`drop role ${role}`)
    })
    expect((await migrateDatabase(plain)).applied).toContain('0001-tenancy')
    const seen = await inTenant(createDb(plain), 1, (tx) => tx.selectFrom('contact').select('id').execute())
    expect(seen).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'

import { createTestDatabase } from './db.ts'

describe('createTestDatabase', () => {
  it('gives each caller a migrated database of its own', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
    await one.pool.query(`insert into schedule_run (name, last_run_at) values ('probe', now())`)
    const count = 'select count(*) as n from schedule_run'
    expect((await one.pool.query<{ n: number }>(count)).rows[0]?.n).toBe(1)
    expect((await two.pool.query<{ n: number }>(count)).rows[0]?.n).toBe(0)
  })

  it('logs in as a role that row-level security binds', async () => {
    const { pool } = await createTestDatabase()
    const { rows } = await pool.query('select rolsuper, rolbypassrls from pg_roles where rolname = current_user')
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false }])
  })

  it('removes the database on drop, even with a connection open elsewhere', async () => {
    const kept = await createTestDatabase()
    const dropped = await createTestDatabase()
    const name = new URL(dropped.connectionString).pathname.slice(1)
    const exists = () => kept.pool.query('select from pg_database where datname = $1', [name])
    expect((await exists()).rowCount).toBe(1)
    await dropped.drop()
    expect((await exists()).rowCount).toBe(0)
  })
})

import { randomBytes } from 'node:crypto'

import pg from 'pg'
import { afterAll, inject } from 'vitest'

import { createPool } from '#server/db/pool.ts'

import { TEMPLATE_LOCK, withDatabase } from './test-server.ts'

export interface TestDatabase {
  /** Logs in as the owner of the database, an ordinary role bound by row-level security where it is forced. */
  readonly connectionString: string
  /** Up to ten connections, ended by `drop`. */
  readonly pool: pg.Pool
  /** Ends the pool and removes the database, ending what other connections it has. Runs by itself after the file. */
  drop(): Promise<void>
}

const open = new Set<TestDatabase>()

afterAll(async () => {
  await Promise.all([...open].map((database) => database.drop()))
})

/**
 * A migrated, empty database of the caller's own, cloned from the run's template in about 50 ms. One per test file is
 * the custom; more are fine.
 */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const serverUrl = inject('testServerUrl')
  const name = `gavatcore_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    await client.query(`create database ${name} ${inject('testCloneClause')}`)
  })
  const connectionString = withDatabase(serverUrl, name)
  const pool = createPool({ connectionString, min: 0, max: 10, applicationName: 'gavatcore test' })
  const database: TestDatabase = {
    connectionString,
    pool,
    async drop() {
      if (!open.delete(database)) return
      if (!pool.ended) await pool.end()
      await onServer(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
  open.add(database)
  return database
}

const onServer = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

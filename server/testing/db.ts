import { randomBytes } from 'node:crypto'

import pg from 'pg'
import { inject } from 'vitest'

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

/** Drops what the test file that just ended has left; `drop-databases.ts` sees to it. */
export const dropTestDatabases = async (): Promise<void> => {
  await Promise.all([...open].map((database) => database.drop()))
}

/**
 * A migrated, empty database of the caller's own, cloned from the run's template in about 60 ms. One per test file is
 * the custom; more are fine.
 */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const serverUrl = inject('testServerUrl')
  const name = `gavatcore_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock_shared($1)', [TEMPLATE_LOCK])
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
      await onServer(serverUrl, (client) => dropDatabase(client, name))
    },
  }
  open.add(database)
  return database
}

/** PostgreSQL's own housekeeping: its processes are the superuser's, and gone in a moment. */
const BUSY = '42501'
const DROP_TRIES = 20
const DROP_RETRY_MS = 250

/** Ends what other connections the database has, and waits for what is not ours to end. */
const dropDatabase = async (client: pg.Client, name: string): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`drop database if exists ${name} with (force)`)
      return
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === BUSY) || tries === DROP_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, DROP_RETRY_MS))
    }
  }
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

import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

import type { DB } from './schema.generated.ts'

export type Db = Kysely<DB>

const INT8_OID = 20

/** Telegram ids and row ids are 64-bit in the database and safe integers here; one that is not is a bug, not a rounding. */
const parseInt8 = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is not a safe integer`)
  return value
}

export interface PoolOptions {
  readonly connectionString: string
  /** Connections kept open and at most opened. */
  readonly min: number
  readonly max: number
  readonly applicationName: string
  /** Told of errors on idle connections (server restart, network); the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void
}

/** A pool whose int8 columns are numbers; timestamptz columns are `Date`s in UTC. */
export const createPool = (options: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    min: options.min,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === INT8_OID ? parseInt8 : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  return pool
}

/** The query builder over a pool. Destroying it ends the pool. */
export const createDb = (pool: pg.Pool): Db => new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })

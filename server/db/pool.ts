import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'

import { preparingClient } from './preparing-client.ts'
import { sendingAhead } from './sending-ahead.ts'
import type { DB } from './schema.generated.ts'

export type Db = Kysely<DB>

/** Telegram ids and row ids are 64-bit in the database and safe integers here; one that is not is a bug, not a rounding. */
const parseInt8 = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is not a safe integer`)
  return value
}

const INT8_ARRAY_OID = 1016
/** The driver's declarations list scalars only; it reads integers of any size the same way. */
const INT4_ARRAY_OID = 1007 as Parameters<typeof pg.types.getTypeParser>[0]

/** By type: what this application reads otherwise than the driver does. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map([
  [pg.types.builtins.INT8, parseInt8],
  [INT8_ARRAY_OID, pg.types.getTypeParser(INT4_ARRAY_OID) as (text: string) => unknown],
  // A calendar day belongs to no time zone, so it stays the text that it is.
  [pg.types.builtins.DATE, (text: string) => text],
])

export interface PoolOptions {
  readonly connectionString: string
  /** Connections kept open and at most opened. */
  readonly min: number
  readonly max: number
  readonly applicationName: string
  /** Told of errors on idle connections (server restart, network); the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void
}

/** A pool whose int8 columns are numbers, date columns `YYYY-MM-DD` and timestamptz columns `Date`s. */
export const createPool = (options: PoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    Client: preparingClient(sendingAhead(pg.Client)),
    pipeline: true,
    connectionString: options.connectionString,
    min: options.min,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  // A connection that breaks between two statements of a transaction reports to nobody else, and an error event that
  // nobody hears ends the process. The next statement fails and tells the one who works with it.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** The query builder over a pool. Destroying it ends the pool. */
export const createDb = (pool: pg.Pool): Db => new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })

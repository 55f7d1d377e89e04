import type pg from 'pg'

import type { Config } from './config.ts'
import { AppError } from './base/errors.ts'
import { EmbeddedError } from './db/embedded/embedded-error.ts'
import { startEmbedded } from './db/embedded/start-embedded.ts'
import { migrateDatabase } from './db/migrate.ts'
import { type Db, createDb, createPool } from './db/pool.ts'

export interface OpenDatabase {
  readonly pool: pg.Pool
  readonly db: Db
  /** For connections beside the pool: sessions that listen or hold locks. */
  readonly connectionString: string
  /** Ends the connections; stops an embedded server that nobody else uses. A second call does nothing. */
  close(): Promise<void>
}

export interface OpenDatabaseOptions {
  readonly applicationName: string
  /** Connections kept open and at most opened; those of the configuration when left out. */
  readonly pool?: { readonly min: number; readonly max: number }
  /** Told, in English, of each step that takes a person's patience. */
  readonly onStep?: (step: string) => void
}

/**
 * Opens the configured database, or starts or joins the embedded one of the data folder, and brings it to the newest
 * schema. Errors: `unavailable/database_unavailable` saying why and what to do, `unavailable/migration_failed`,
 * `unavailable/postgres_too_old`.
 */
export const openDatabase = async (config: Config, options: OpenDatabaseOptions): Promise<OpenDatabase> => {
  const onProgress = options.onStep ?? (() => undefined)
  const embedded = config.databaseUrl === null ? await startOwn(config.dataDir, onProgress) : null
  const connectionString = config.databaseUrl ?? embedded?.connectionString ?? ''
  const pool = createPool({
    connectionString,
    min: options.pool?.min ?? config.poolMin,
    max: options.pool?.max ?? config.poolMax,
    applicationName: options.applicationName,
  })
  let closing: Promise<void> | undefined
  const close = () => (closing ??= pool.end().then(() => embedded?.stop()))
  try {
    await migrateDatabase(pool, { onApplied: (name) => onProgress(`Migrated: ${name}`) })
  } catch (error) {
    await close()
    throw unavailableFrom(error)
  }
  return { pool, db: createDb(pool), connectionString, close }
}

const startOwn = async (dataDir: string, onProgress: (step: string) => void) => {
  try {
    return await startEmbedded({ dataDir, onProgress })
  } catch (error) {
    throw unavailableFrom(error)
  }
}

const CONNECTION_ERRORS = /^(ECONN|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|EAI_|ENOENT|EACCES|28|3D|08|57P)/

/** A refusal for what the operator can mend; anything else stays the bug that it is. */
const unavailableFrom = (error: unknown): unknown => {
  if (error instanceof EmbeddedError)
    return new AppError('unavailable', 'database_unavailable', { detail: error.message }, { cause: error })
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!(error instanceof Error) || !CONNECTION_ERRORS.test(code)) return error
  return new AppError('unavailable', 'database_unavailable', { detail: error.message || code }, { cause: error })
}

import type pg from 'pg'

import type { Config } from './config.ts'
import { AppError } from './base/errors.ts'
import { EmbeddedError } from './db/embedded/embedded-error.ts'
import { type EmbeddedServer, startEmbedded } from './db/embedded/start-embedded.ts'
import { migrateDatabase } from './db/migrate.ts'
import { type Db, createDb, createPool } from './db/pool.ts'
import { applyTenancy } from './modules/tenancy/index.ts'

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
  /** For a process that stays: an embedded server that ends meanwhile is started again. */
  readonly keepsAlive?: boolean
}

/**
 * Opens the configured database, or starts or joins the embedded one of the data folder, and brings it to the newest
 * schema. Errors: `unavailable/database_unavailable` saying why and what to do, `unavailable/migration_failed`,
 * `unavailable/postgres_too_old`, `conflict/tenancy_too_many`.
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
  const endWatch = embedded && options.keepsAlive ? watchEmbedded(embedded, onProgress) : async () => {}
  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= endWatch()
      .then(() => pool.end())
      .then(() => embedded?.stop()))
  try {
    await migrateDatabase(pool, { onApplied: (name) => onProgress(`Migrated: ${name}`) })
    await applyTenancy(createDb(pool), config.tenancy)
  } catch (error) {
    await close()
    throw unavailableFrom(error)
  }
  return { pool, db: createDb(pool), connectionString, close }
}

const WATCH_EVERY_MS = 2_000

/** Looks after an embedded server until told to end, one look at a time. Says each new fault once. */
const watchEmbedded = (embedded: EmbeddedServer, say: (step: string) => void): (() => Promise<void>) => {
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false
  let said = ''
  const tell = (text: string) => {
    if (text !== said) say(text)
    said = text
  }
  const look = async (): Promise<void> => {
    isLooking = true
    try {
      if (await embedded.revive()) tell('PostgreSQL had ended and runs again')
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => {
    if (!isLooking) looking = look()
  }, WATCH_EVERY_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    return looking
  }
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

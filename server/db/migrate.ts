import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { Kysely, PostgresDialect, sql } from 'kysely'
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration'
import type pg from 'pg'

import { AppError } from '#server/base/errors.ts'

export const MIGRATIONS_DIR = fileURLToPath(new URL('../../migrations/', import.meta.url))

/** Forward-only: each file is one migration, applied once, in the order of its name. */
const sqlFiles: MigrationProvider = {
  async getMigrations() {
    const names = (await readdir(MIGRATIONS_DIR)).filter((name) => name.endsWith('.sql')).sort()
    const entries = await Promise.all(
      names.map(async (name): Promise<[string, Migration]> => {
        const text = await readFile(`${MIGRATIONS_DIR}${name}`, 'utf8')
        return [name.replace(/\.sql$/, ''), { up: async (db) => void (await sql.raw(text).execute(db)) }]
      }),
    )
    return Object.fromEntries(entries)
  },
}

export interface MigrateOptions {
  readonly onApplied?: (name: string) => void
}

/**
 * Brings the database behind `pool` to the newest schema. Safe to call from several processes at once: one applies,
 * the others wait. Errors: `unavailable/migration_failed` naming the file; the failed file leaves nothing behind.
 */
export const migrateDatabase = async (
  pool: pg.Pool,
  options: MigrateOptions = {},
): Promise<{ readonly applied: readonly string[] }> => {
  await refuseOldServer(pool)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  const { error, results } = await new Migrator({ db, provider: sqlFiles }).migrateToLatest()
  const applied: string[] = []
  for (const result of results ?? []) {
    if (result.status === 'Success') {
      applied.push(result.migrationName)
      options.onApplied?.(result.migrationName)
    }
  }
  if (error) {
    const failed = results?.find((r) => r.status === 'Error')?.migrationName ?? 'unknown'
    const detail = error instanceof Error ? error.message : JSON.stringify(error)
    throw new AppError('unavailable', 'migration_failed', { migration: failed, detail }, { cause: error })
  }
  return { applied }
}

const OLDEST_SERVER = 130_000

const refuseOldServer = async (pool: pg.Pool): Promise<void> => {
  const { rows } = await pool.query<{ version: string }>("select current_setting('server_version_num') as version")
  const version = Number(rows[0]?.version)
  if (version < OLDEST_SERVER) {
    throw new AppError('unavailable', 'postgres_too_old', { found: String(Math.floor(version / 10_000)), needed: '13' })
  }
}

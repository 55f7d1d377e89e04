import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { onTestFinished } from 'vitest'

import { type App, createApp } from '#server/app.ts'
import type { AppOptions } from '#server/app-base.ts'
import { openLogs } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Config, loadConfig } from '#server/config.ts'
import { createDb } from '#server/db/pool.ts'
import type { OpenDatabase } from '#server/open-database.ts'

import { createTestDatabase } from './db.ts'

export interface TestAppOptions extends Partial<Omit<AppOptions, 'config' | 'logs'>> {
  readonly settings?: Partial<Config>
  /** Where log files go; none when left out. */
  readonly logDir?: string
}

/** Settings of a server that listens on a free port and keeps to a folder of its own. */
const testConfig = (settings: Partial<Config> = {}): Config => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gavatcore-test-'))
  return { ...loadConfig({ PORT: '0', DATA_DIR: dataDir, DEMO: 'off', POOL_MIN: '0' }, []), ...settings }
}

/** A database of the test's own, as the server opens one. */
const openTestDatabase = async (): Promise<OpenDatabase> => {
  const database = await createTestDatabase()
  const { pool, connectionString } = database
  return { pool, db: createDb(pool), connectionString, close: () => database.drop() }
}

/** The whole server on a database of its own, built as `main.ts` builds it and not started; `close` stops it. */
export const openTestApp = async (
  options: TestAppOptions = {},
): Promise<{ readonly app: App; readonly close: () => Promise<void> }> => {
  const { settings, logDir, database, box, version, ...rest } = options
  const logs = await openLogs({ dir: logDir ?? null, level: 'debug', console: 'none' })
  const app = createApp({
    config: testConfig(settings),
    database: database ?? (await openTestDatabase()),
    logs,
    box: box ?? secretBox(Buffer.alloc(32, 5)),
    version: version ?? '0.0.0-test',
    pollWaitSeconds: 1,
    ...rest,
  })
  const close = async () => {
    await app.stop(10_000)
    await logs.close()
  }
  return { app, close }
}

/** {@link openTestApp}, stopped when the test ends. */
export const createTestApp = async (options: TestAppOptions = {}): Promise<App> => {
  const { app, close } = await openTestApp(options)
  onTestFinished(close)
  return app
}

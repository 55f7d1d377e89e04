// The whole server for people's own accounts, until it is killed: for tests of kill -9.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createApp } from '#server/app.ts'
import { openLogs } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { loadConfig } from '#server/config.ts'
import { createDb, createPool } from '#server/db/pool.ts'

const [connectionString = '', apiRoot = ''] = process.argv.slice(2)
const dataDir = mkdtempSync(path.join(tmpdir(), 'gavatcore-test-'))
const config = loadConfig({ PORT: '0', DATA_DIR: dataDir, DEMO: 'off', POOL_MIN: '0' }, [])
const pool = createPool({ connectionString, min: 0, max: 8, applicationName: 'serve users' })
const app = createApp({
  config: { ...config, userAccounts: { apiId: 1, apiHash: 'hash', apiRoot } },
  database: { pool, db: createDb(pool), connectionString, close: () => pool.end() },
  logs: await openLogs({ dir: null, level: 'error', console: 'none' }),
  box: secretBox(Buffer.alloc(32, 5)),
  version: 'test',
  installation: 'serve-users',
  lookEveryMs: 200,
})
await app.start()
process.stdout.write('serving\n')

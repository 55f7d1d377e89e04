/** The whole server, as `main.ts` puts it together, for accounts that are linked already; tells how much it holds. */
import path from 'node:path'

import pg from 'pg'

import { createApp } from '#server/app.ts'
import { systemClock } from '#server/base/clock.ts'
import { readOrCreateKeyFile } from '#server/base/key-file.ts'
import { openLogs } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { loadConfig } from '#server/config.ts'
import { openDatabase } from '#server/open-database.ts'

import { readInput } from '../rig/child.ts'

export interface ServerInput {
  readonly connectionString: string
  readonly dataDir: string
  readonly port: number
  /** Where people's own accounts connect; those of Telegram are not set up when left out. */
  readonly mtprotoRoot?: string
  /** How often memory is read, a moment apart; the middle counts. */
  readonly samples: number
}

/** What the process holds after its garbage is collected, and what it has asked of the database since it started. */
export interface ServerFigures {
  readonly rssKib: number
  readonly heapKib: number
  readonly statements: number
}

const BETWEEN_SAMPLES_MS = 400

const input = readInput<ServerInput>()

let statements = 0
const prototype = pg.Client.prototype as { query: (...args: unknown[]) => unknown }
const { query } = prototype
prototype.query = function count(...args) {
  statements += 1
  return query.apply(this, args)
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** All that can go, and the heap's empty pages with it. */
const collect = (): void => {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Collects twice: what only a finaliser let go of is gone after the second. */
const measure = async (): Promise<ServerFigures> => {
  const rss: number[] = []
  const heap: number[] = []
  for (let n = 0; n < input.samples; n++) {
    collect()
    await systemClock.sleep(BETWEEN_SAMPLES_MS)
    collect()
    const usage = process.memoryUsage()
    rss.push(usage.rss / 1_024)
    heap.push((usage.heapUsed + usage.external) / 1_024)
  }
  return { rssKib: middle(rss), heapKib: middle(heap), statements }
}

const config = loadConfig(
  {
    DATABASE_URL: input.connectionString,
    DATA_DIR: input.dataDir,
    PORT: String(input.port),
    PUBLIC_URL: `http://127.0.0.1:${input.port}`,
    DEMO: 'off',
    LOG_LEVEL: 'warn',
    ...(input.mtprotoRoot !== undefined && {
      TELEGRAM_API_ID: '1',
      TELEGRAM_API_HASH: '0'.repeat(32),
      TELEGRAM_MTPROTO_ROOT: input.mtprotoRoot,
    }),
  },
  [],
)
const database = await openDatabase(config, { applicationName: 'gavatcore all' })
const logs = await openLogs({ dir: config.logDir, level: config.logLevel, console: 'json' })
const app = createApp({
  config,
  database,
  logs,
  box: secretBox(readOrCreateKeyFile(path.join(config.dataDir, 'key'))),
  version: 'bench',
  installation: 'bench',
})
await app.start()
process.send?.({ ready: true })
process.on('message', () => {
  void measure().then((figures) => process.send?.(figures))
})
process.once('SIGTERM', () => {
  void app
    .stop(20_000)
    .then(() => database.close())
    .then(() => process.exit(0))
})

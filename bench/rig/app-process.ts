/** The whole server, as `main.ts` puts it together, with its bots linked and the pace lifted. */
import path from 'node:path'

import { createApp } from '#server/app.ts'
import { systemClock } from '#server/base/clock.ts'
import { readOrCreateKeyFile } from '#server/base/key-file.ts'
import { openLogs } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { loadConfig } from '#server/config.ts'
import { addAccount } from '#server/modules/accounts/index.ts'
import { openDatabase } from '#server/open-database.ts'

import { readInput } from './child.ts'

export interface AppInput {
  readonly connectionString: string
  readonly dataDir: string
  readonly tenantId: number
  /** Of each bot that is linked to the tenant. */
  readonly tokens: readonly string[]
  readonly apiRoot: string
  readonly perSecond: number
  /** Beside those of every bench. */
  readonly settings?: Readonly<Record<string, string>>
}

const input = readInput<AppInput>()
const config = loadConfig(
  {
    DATABASE_URL: input.connectionString,
    DATA_DIR: input.dataDir,
    PORT: '0',
    DEMO: 'off',
    LOG_LEVEL: 'warn',
    ...input.settings,
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
  pace: { perSecond: input.perSecond, burst: input.perSecond },
})
const actor = { by: 'bench', at: systemClock.now() }
const accountIds: number[] = []
for (const token of input.tokens) {
  const given = { tenantId: input.tenantId, token, apiRoot: input.apiRoot, updateMode: 'polling' } as const
  accountIds.push((await addAccount(app.accounts, given, actor)).id)
}
await app.start()
process.send?.({ accountIds })
process.once('SIGTERM', () => {
  void app
    .stop(20_000)
    .then(() => database.close())
    .then(() => process.exit(0))
})

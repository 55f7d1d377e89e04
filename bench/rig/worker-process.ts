/** The sending half of the application: leases accounts and empties their queues through the real Bot API adapter. */
import { randomUUID } from 'node:crypto'

import { acceleratedClock, systemClock } from '#server/base/clock.ts'
import { leaseHolderOf, releaseLeasesOf } from '#server/db/lease.ts'
import { createDb, createPool } from '#server/db/pool.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { type SendingAccount, createSendingService } from '#server/modules/delivery/index.ts'

import { readInput } from './child.ts'
import { type SharedClock, startOf } from './shared-clock.ts'

export interface WorkerInput {
  readonly connectionString: string
  /** Whose leases this process takes over: it is the only one of this name that runs. */
  readonly installation: string
  readonly accounts: readonly {
    readonly tenantId: number
    readonly accountId: number
    readonly token: string
    readonly apiRoot: string
  }[]
  /** Messages a second and account; Telegram's pace when absent. */
  readonly perSecond?: number
  readonly burst?: number
  readonly inFlightMax?: number
  readonly batchMax?: number
  /** How long a call may take; the adapter's own deadline when absent. */
  readonly callTimeoutMs?: number
  /** Replaces the machine's clock. */
  readonly sharedClock?: SharedClock
  /** Says nothing of claims and outcomes that have to wait for the database. */
  readonly quiet?: boolean
}

const input = readInput<WorkerInput>()
const pool = createPool({
  connectionString: input.connectionString,
  min: 2,
  max: 12,
  applicationName: 'gavatcore worker',
})
const db = createDb(pool)
const botApi = createBotApi(input.callTimeoutMs === undefined ? {} : { callTimeoutMs: input.callTimeoutMs })
const clock = input.sharedClock
  ? acceleratedClock(startOf(input.sharedClock, systemClock.now()), input.sharedClock.factor)
  : systemClock
const withErrors = (_key: string, value: unknown) => (value instanceof Error ? value.message : value)
const print = (fields: object, message: string) => {
  if (!input.quiet) process.stderr.write(`${message} ${JSON.stringify(fields, withErrors)}\n`)
}
const log = {
  debug: () => {},
  info: () => {},
  warn: print,
  error: print,
}
const accounts: readonly SendingAccount[] = input.accounts.map((a) => ({ ...a, kind: 'bot', health: 'normal' }))

const service = createSendingService(
  { db, clock, sender: botApi.sender, log },
  {
    connectionString: input.connectionString,
    holder: leaseHolderOf(input.installation, randomUUID()),
    log,
    listAccounts: () => Promise.resolve(accounts),
    ...(input.perSecond !== undefined && {
      pace: { perSecond: input.perSecond, burst: input.burst ?? input.perSecond },
    }),
    ...(input.inFlightMax !== undefined && { inFlightMax: input.inFlightMax }),
    ...(input.batchMax !== undefined && { batchMax: input.batchMax }),
  },
)
let rssMax = 0
const watch = setInterval(() => (rssMax = Math.max(rssMax, process.memoryUsage().rss)), 100)
await releaseLeasesOf(db, input.installation)
await service.start()
process.send?.({ ready: true })
process.on('message', () => process.send?.({ rssMax, cpu: process.cpuUsage() }))
process.once('SIGTERM', () => {
  clearInterval(watch)
  void service
    .stop()
    .then(() => botApi.close())
    .then(() => db.destroy())
    .then(() => process.exit(0))
})

import path from 'node:path'

import { sql } from 'kysely'

import { systemClock } from '#server/base/clock.ts'
import { readOrCreateKeyFile } from '#server/base/key-file.ts'
import { secretBox } from '#server/base/secret.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { type AccountsDeps, addAccount, configureUpdates } from '#server/modules/accounts/index.ts'

import {
  type BenchDatabase,
  type SimulatorProcess,
  createBenchTenant,
  startBenchDatabase,
  startSimulatorProcess,
} from '../rig/rig.ts'
import { eachOf, findFreePort, startMeasuredServer, until } from './measured-server.ts'

export interface BotsOptions {
  readonly bots: number
  /** Taken in by one bot, and again by all of them together, in each round. */
  readonly updates: number
  readonly rounds: number
  readonly settleSeconds: number
  readonly samples: number
}

/** Updates a second that one server with all bots takes in when they are for one of them, and when they are for all. */
export interface Throughput {
  readonly one: number
  readonly all: number
}

/** What a server with so many bots holds and asks. */
export interface BotsFigures {
  /** Started and at rest. */
  readonly rssKib: number
  readonly heapKib: number
  /** After updates have come and been forgotten: with what the work has left behind in allocators. */
  readonly workedRssKib: number
  /** Asked of the database while nothing happens. */
  readonly statementsPerSecond: number
  readonly transactionsPerSecond: number
}

interface Bot {
  readonly tenantId: number
  readonly accountId: number
  /** At Telegram. */
  readonly botId: number
  readonly token: string
}

interface Stage {
  readonly database: BenchDatabase
  readonly simulator: SimulatorProcess
  readonly deps: AccountsDeps
}

const BOTS_PER_TENANT = 10
const TALKERS = 500
const WIDTH = 16
/** Bots that talk at once while memory is at stake: what open connections take is not the bots'. */
const AT_ONCE = 20
const LIMIT_MS = 300_000

/**
 * Memory: one server with one bot, then another with all of them; each rests, and again when both
 * have taken in the same updates by webhook, a few bots at a time.
 * Throughput: the server with all bots takes in updates for one of them and updates for all of them by turns, so that
 * what else the machine does falls on both.
 */
export const measureBots = async (
  { bots: count, updates, rounds, settleSeconds, samples }: BotsOptions,
  onProgress: (line: string) => void,
): Promise<{ readonly one: BotsFigures; readonly all: BotsFigures; readonly perSecond: Throughput }> => {
  const simulator = await startSimulatorProcess({ limits: false })
  const database = await startBenchDatabase()
  const telegram = createBotApi()
  try {
    const port = await findFreePort()
    const box = secretBox(readOrCreateKeyFile(path.join(database.dataDir, 'key')))
    const deps = { db: database.db, box, feed: telegram.updateFeed, publicUrl: `http://127.0.0.1:${port}` }
    const stage = { database, simulator, deps }
    const measure = async <T>(bots: readonly Bot[], more: () => Promise<T>): Promise<BotsFigures & { more: T }> => {
      // What follows from linking is done by a server that is not measured.
      const first = await startMeasuredServer(database, { port, samples })
      await until(() => isQuiet(database), LIMIT_MS, 'set up')
      await first.stop()
      const server = await startMeasuredServer(database, { port, samples })
      try {
        await systemClock.sleep(settleSeconds * 1_000)
        const before = await server.measure()
        const [since, commits] = [performance.now(), await countTransactions(database)]
        await systemClock.sleep(settleSeconds * 1_000)
        const { rssKib, heapKib, statements } = await server.measure()
        const seconds = (performance.now() - since) / 1_000
        const transactionsPerSecond = ((await countTransactions(database)) - commits) / seconds
        const statementsPerSecond = (statements - before.statements) / seconds
        for (let n = 0; n < bots.length; n += AT_ONCE)
          await takeIn(
            stage,
            bots.slice(n, n + AT_ONCE),
            Math.min(updates, Math.ceil((updates * AT_ONCE) / bots.length)),
          )
        await until(() => isQuiet(database), LIMIT_MS, 'follow up')
        await systemClock.sleep(settleSeconds * 1_000)
        const { rssKib: workedRssKib } = await server.measure()
        onProgress(`${bots.length} bots: ${Math.round(rssKib)} KiB`)
        const rest = { rssKib, heapKib, statementsPerSecond, transactionsPerSecond }
        return { ...rest, workedRssKib, more: await more() }
      } finally {
        await server.stop()
      }
    }
    const first = await linkBots(stage, 0, 1)
    const one = await measure(first, () => Promise.resolve(null))
    const bots = [...first, ...(await linkBots(stage, 1, count))]
    const { more: perSecond, ...all } = await measure(bots, async () => {
      const [forOne, forAll]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        forOne.push(await takeIn(stage, first, updates))
        forAll.push(await takeIn(stage, bots, updates))
        onProgress(
          `updates a second: ${Math.round(forOne.at(-1) ?? 0)} for one, ${Math.round(forAll.at(-1) ?? 0)} for all`,
        )
      }
      return { one: meanRate(forOne), all: meanRate(forAll) }
    })
    return { one, all, perSecond }
  } finally {
    await telegram.close()
    await database.stop()
    await simulator.stop()
  }
}

/** Of rounds of the same size. */
const meanRate = (rates: readonly number[]): number => rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0)

/** Links the bots of these serial numbers as `accounts add` does, ten to a tenant. */
const linkBots = async ({ database, simulator, deps }: Stage, from: number, to: number): Promise<readonly Bot[]> => {
  const bots: Bot[] = []
  let tenantId: number | null = null
  for (let n = from; n < to; n++) {
    if (tenantId === null || n % BOTS_PER_TENANT === 0) tenantId = await createBenchTenant(database.db, `bench-${n}`)
    const { id: botId, token } = await simulator.control<{ id: number; token: string }>('createBot', {
      username: `bench_${n}_bot`,
    })
    const { apiRoot } = simulator
    const { id } = await addAccount(deps, { tenantId, token, apiRoot }, { by: 'bench', at: systemClock.now() })
    bots.push({ tenantId, accountId: id, botId, token })
  }
  return bots
}

/** Whether the server has done everything that follows from linking: webhooks, greetings, notices. */
const isQuiet = async ({ db }: BenchDatabase): Promise<boolean> => {
  const { rows } = await sql<{ behind: number; listeners: number }>`
    select count(*)::integer as listeners, count(*) filter (
      where event_id < (select coalesce(max(id), 0) from domain_event))::integer as behind
    from event_cursor`.execute(db)
  return rows[0]?.behind === 0 && rows[0].listeners > 0
}

const asTelegramAccount = ({ tenantId, accountId, token }: Bot, { apiRoot }: SimulatorProcess) =>
  ({ tenantId, accountId, kind: 'bot', token, apiRoot }) as const

/**
 * Has people write while no webhook is set, so that the simulator only has to deliver, then lets go of everything at
 * once: from the first webhook to the last update applied.
 */
const takeIn = async (stage: Stage, bots: readonly Bot[], updates: number): Promise<number> => {
  const { database, simulator, deps } = stage
  await eachOf(bots, WIDTH, (bot) => deps.feed.deleteWebhook(asTelegramAccount(bot, simulator)))
  const { ids } = await simulator.control<{ ids: readonly number[] }>('createUsers', { count: TALKERS })
  const said = Array.from({ length: updates }, (_, n) => ({
    userId: ids[n % TALKERS],
    botId: bots[n % bots.length]?.botId,
    text: `Selam ${n}`,
  }))
  // One person starts at one place only, so that nobody overtakes himself.
  await eachOf(said, WIDTH, (message) => simulator.control('sendText', message))
  const applied = await countApplied(database)
  const startedAt = performance.now()
  await eachOf(bots, WIDTH, ({ tenantId, accountId }) => configureUpdates(deps, tenantId, accountId))
  await until(async () => (await countApplied(database)) - applied >= updates, LIMIT_MS, 'updates')
  return (updates * 1_000) / (performance.now() - startedAt)
}

const countApplied = async ({ db }: BenchDatabase): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::integer as n from update_inbox where state <> 'new'`.execute(db)
  return rows[0]?.n ?? 0
}

const countTransactions = async ({ db }: BenchDatabase): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select (xact_commit + xact_rollback)::bigint as n from pg_stat_database
    where datname = current_database()`.execute(db)
  return rows[0]?.n ?? 0
}

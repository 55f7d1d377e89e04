import { systemClock } from '#server/base/clock.ts'

import { type Bench, Bounds } from '../bench.ts'
import type { AppInput } from '../rig/app-process.ts'
import { createAudience } from '../rig/audience.ts'
import { createOffer, planOffer } from '../rig/campaign.ts'
import { startChild } from '../rig/child.ts'
import { countOpen } from '../rig/queue.ts'
import { createBenchTenant, startBenchDatabase, startSimulatorProcess } from '../rig/rig.ts'

interface Accepted {
  readonly at: number
  readonly chatId: number
}

/** Between two questions, in ms: with the answers they make a busy conversation beside the blast. */
const ASK_EVERY_MS = 25
const WARM_UP_MS = 2_000

/** Asks and, while a blast empties the same account's queue, waits for the answers. Times by the simulator's clock. */
const replyOnce = async (questions: number, recipients: number, onProgress: (line: string) => void) => {
  const simulator = await startSimulatorProcess({ latencyMs: 5, limits: false })
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const tenantId = await createBenchTenant(db)
    const bot = await simulator.control<{ id: number; token: string }>('createBot', { username: 'bench_reply_bot' })
    const people = (count: number) =>
      simulator.control<{ ids: number[] }>('createUsers', { count, startedBotId: bot.id }).then((r) => r.ids)
    const audience = await people(recipients)
    const askers = await people(questions)
    const app = startChild('rig/app-process.ts', {
      connectionString: database.connectionString,
      dataDir: database.dataDir,
      tenantId,
      tokens: [bot.token],
      apiRoot: simulator.apiRoot,
      perSecond: 1_000_000,
    } satisfies AppInput)
    const [accountId = 0] = (await app.receive<{ accountIds: readonly number[] }>()).accountIds
    await createAudience(db, tenantId, accountId, audience)
    await planOffer(db, tenantId, accountId, await createOffer(db, tenantId))
    await systemClock.sleep(WARM_UP_MS)
    const sentBefore = recipients - (await countOpen(db, tenantId))
    const startedAt = performance.now()
    const askedAt = new Map<number, number>()
    for (const userId of askers) {
      askedAt.set(userId, (await simulator.control<{ now: number }>('getStats')).now)
      await simulator.control('sendText', { userId, botId: bot.id, text: '/menu' })
      await systemClock.sleep(ASK_EVERY_MS)
    }
    const seconds = (performance.now() - startedAt) / 1_000
    const openAfter = await countOpen(db, tenantId)
    await systemClock.sleep(3_000)
    await app.stop()
    const log = await simulator.control<readonly Accepted[]>('listMessages', { limit: 100_000 })
    const latencies = log
      .flatMap(({ at, chatId }) => (askedAt.has(chatId) ? [at - (askedAt.get(chatId) ?? 0)] : []))
      .sort((a, b) => a - b)
    const quantile = (q: number) =>
      latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? Infinity
    const result = {
      answers: latencies.length,
      p50Ms: quantile(0.5),
      p95Ms: quantile(0.95),
      p99Ms: quantile(0.99),
      longestMs: latencies.at(-1) ?? Infinity,
      blastPerSecond: (recipients - openAfter - sentBefore) / seconds,
      openAfter,
    }
    onProgress(JSON.stringify(result))
    return result
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'reply',
  does: 'people who ask while a blast runs on the same account, through the whole server: how long until they are answered',
  async run({ numbers, onProgress }) {
    const questions = numbers.questions ?? 500
    const r = await replyOnce(questions, numbers.recipients ?? 60_000, onProgress)
    const bounds = new Bounds()
    bounds.hold('answers', r.answers, '>=', questions)
    bounds.hold('p99 ms', r.p99Ms, '<=', 250)
    bounds.hold('deliveries of the blast left after the last question', r.openAfter, '>=', 1)
    const { openAfter: _, ...metrics } = r
    return bounds.result('reply', metrics)
  },
}

import { systemClock } from '#server/base/clock.ts'
import { auditGuard } from '#server/modules/delivery/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import { createAudience } from '../rig/audience.ts'
import { createOffer, planOffer } from '../rig/campaign.ts'
import { startChild } from '../rig/child.ts'
import { createBenchBot, createBenchTenant, startBenchDatabase, startSimulatorProcess } from '../rig/rig.ts'
import type { WorkerInput } from '../rig/worker-process.ts'

/** What the engine documents as its pace for one account. */
const ALLOWED_PER_SECOND = 25
/** Lanes begin with an empty bucket and an unwarmed process. */
const WARM_UP_SECONDS = 3

interface Stats {
  readonly rateLimited: number
  readonly now: number
}

/** So many accounts of one tenant, each with people of its own, sending as fast as Telegram allows for so long. */
const paceOnce = async (accounts: number, seconds: number, onProgress: (line: string) => void) => {
  const simulator = await startSimulatorProcess({ latencyMs: 20, limits: true })
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const tenantId = await createBenchTenant(db)
    const templateId = await createOffer(db, tenantId)
    const bots = []
    const people = ALLOWED_PER_SECOND * (seconds + WARM_UP_SECONDS + 5)
    for (let n = 1; n <= accounts; n++) {
      const bot = await createBenchBot(db, tenantId, simulator, n)
      const { ids } = await simulator.control<{ ids: number[] }>('createUsers', {
        count: people,
        startedBotId: bot.telegramId,
      })
      await createAudience(db, tenantId, bot.accountId, ids)
      await planOffer(db, tenantId, bot.accountId, templateId)
      bots.push(bot)
    }
    const worker = startChild('rig/worker-process.ts', {
      connectionString: database.connectionString,
      installation: 'pace',
      accounts: bots.map((b) => ({ tenantId, accountId: b.accountId, token: b.token, apiRoot: simulator.apiRoot })),
    } satisfies WorkerInput)
    await worker.receive()
    await systemClock.sleep(WARM_UP_SECONDS * 1000)
    const usage = async () => {
      worker.send({})
      const { rssMax, cpu } = await worker.receive<{ rssMax: number; cpu: { user: number; system: number } }>()
      return { rssMb: rssMax / 2 ** 20, workerMs: (cpu.user + cpu.system) / 1000, databaseMs: database.cpuMs() }
    }
    const before = await usage()
    const sinceAt = (await simulator.control<Stats>('getStats')).now
    await systemClock.sleep(seconds * 1000)
    const after = await usage()
    const untilAt = sinceAt + seconds * 1000
    const counts = []
    for (const bot of bots) {
      const filter = { botId: bot.telegramId, sinceAt, untilAt }
      counts.push((await simulator.control<{ count: number }>('countMessages', filter)).count)
    }
    await worker.stop()
    const stats = await simulator.control<Stats>('getStats')
    const audit = await auditGuard(db, tenantId)
    const ratioOf = (count: number) => count / seconds / ALLOWED_PER_SECOND
    const result = {
      ratio: ratioOf(counts.reduce((a, b) => a + b, 0) / accounts),
      slowestRatio: ratioOf(Math.min(...counts)),
      rateLimited: stats.rateLimited,
      findings: audit.findings.length,
      workerCpuRatio: (after.workerMs - before.workerMs) / (seconds * 1000),
      databaseCpuRatio: (after.databaseMs - before.databaseMs) / (seconds * 1000),
      rssMb: after.rssMb,
    }
    onProgress(`${accounts} accounts: ${JSON.stringify(result)}`)
    return result
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'pace',
  does: 'one account and fifty, each as fast as Telegram allows, for a while: how close they come, and no 429',
  async run({ lists, numbers, onProgress }) {
    const bounds = new Bounds()
    const metrics: Record<string, number> = {}
    for (const accounts of lists.accounts ?? [1, 50]) {
      const seconds = numbers.seconds ?? (accounts === 1 ? 60 : 30)
      const r = await paceOnce(accounts, seconds, onProgress)
      Object.assign(metrics, {
        [`perSecond${accounts}`]: r.ratio * ALLOWED_PER_SECOND * accounts,
        [`slowestPerSecond${accounts}`]: r.slowestRatio * ALLOWED_PER_SECOND,
        [`workerCores${accounts}`]: r.workerCpuRatio,
        [`databaseCores${accounts}`]: r.databaseCpuRatio,
        [`rssMb${accounts}`]: r.rssMb,
      })
      bounds.hold(`achieved ÷ allowed with ${accounts}`, r.ratio, '>=', 0.98)
      bounds.hold(`achieved ÷ allowed of the slowest of ${accounts}`, r.slowestRatio, '>=', 0.98)
      bounds.hold(`429 answers with ${accounts}`, r.rateLimited, '<=', 0)
      bounds.hold(`audit findings with ${accounts}`, r.findings, '<=', 0)
    }
    return bounds.result('pace', metrics)
  },
}

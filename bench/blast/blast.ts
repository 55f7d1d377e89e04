import { sql } from 'kysely'

import { auditGuard } from '#server/modules/delivery/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import { createAudience } from '../rig/audience.ts'
import { createOffer, planOffer } from '../rig/campaign.ts'
import { startChild } from '../rig/child.ts'
import { waitUntilDrained } from '../rig/queue.ts'
import { createBenchBot, createBenchTenant, startBenchDatabase, startSimulatorProcess } from '../rig/rig.ts'
import type { WorkerInput } from '../rig/worker-process.ts'

/** Calls of the raw loop: as many whatever the size of the blast, so that warming up weighs the same. */
const RAW_CALLS = 20_000

/** Messages a second of the raw loop, whose people take turns. */
const measureRaw = async (apiRoot: string, token: string, ids: readonly number[]): Promise<number> => {
  const child = startChild('blast/raw-process.ts', { apiRoot, token, inFlight: 50 })
  // Too many for a command line.
  child.send(Array.from({ length: RAW_CALLS }, (_, i) => ids[i % ids.length]))
  const { ms } = await child.receive<{ ms: number }>()
  return (RAW_CALLS / ms) * 1000
}

/** One blast to `count` people, from the plan to the last recorded outcome. */
const blastOnce = async (count: number, latencyMs: number, onProgress: (line: string) => void) => {
  const simulator = await startSimulatorProcess({ latencyMs, limits: false })
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const tenantId = await createBenchTenant(db)
    const bot = await createBenchBot(db, tenantId, simulator, 1)
    const { ids } = await simulator.control<{ ids: number[] }>('createUsers', { count, startedBotId: bot.telegramId })
    const rawBefore = await measureRaw(simulator.apiRoot, bot.token, ids)
    await simulator.control('resetStats')
    await createAudience(db, tenantId, bot.accountId, ids)
    const templateId = await createOffer(db, tenantId)
    const worker = startChild('rig/worker-process.ts', {
      connectionString: database.connectionString,
      installation: 'blast',
      accounts: [{ tenantId, accountId: bot.accountId, token: bot.token, apiRoot: simulator.apiRoot }],
      perSecond: 1_000_000,
      inFlightMax: 128,
      batchMax: 128,
    } satisfies WorkerInput)
    await worker.receive()
    const startedAt = performance.now()
    await planOffer(db, tenantId, bot.accountId, templateId)
    const plannedMs = performance.now() - startedAt
    await waitUntilDrained(db, tenantId, 600_000)
    const ms = performance.now() - startedAt
    worker.send({})
    const { rssMax, cpu } = await worker.receive<{ rssMax: number; cpu: { user: number; system: number } }>()
    await worker.stop()
    // Before and after, since the machine is not the same all the time.
    const ceilingPerSecond = (rawBefore + (await measureRaw(simulator.apiRoot, bot.token, ids))) / 2
    onProgress(`${count}: raw grammY ${Math.round(ceilingPerSecond)}/s`)
    const audit = await auditGuard(db, tenantId)
    const states = await sql<{
      state: string
      count: number
    }>`select state, count(*) as count from delivery group by 1`.execute(db)
    onProgress(
      `${count}: ${Math.round((count / ms) * 1000)}/s, planned in ${Math.round(plannedMs)} ms, cpu ${(cpu.user + cpu.system) / 1000} ms ${JSON.stringify(states.rows)}`,
    )
    return {
      perSecond: (count / ms) * 1000,
      ceilingPerSecond,
      rssMb: rssMax / 2 ** 20,
      sent: states.rows.find((r) => r.state === 'sent')?.count ?? 0,
      findings: audit.findings.length,
    }
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'blast',
  does: 'a personalised campaign to many people at the engine’s own limit, beside a bare grammY loop',
  async run({ lists, numbers, onProgress }) {
    const counts = lists.recipients ?? [10_000, 100_000]
    const bounds = new Bounds()
    const metrics: Record<string, number> = {}
    const ratios: number[] = []
    for (const count of counts) {
      const r = await blastOnce(count, numbers['latency-ms'] ?? 5, onProgress)
      const ratio = r.perSecond / r.ceilingPerSecond
      ratios.push(ratio)
      Object.assign(metrics, {
        [`perSecond${count}`]: r.perSecond,
        [`rawPerSecond${count}`]: r.ceilingPerSecond,
        [`ratio${count}`]: ratio,
        [`rssMb${count}`]: r.rssMb,
      })
      bounds.hold(`ratio to raw at ${count}`, ratio, '>=', 0.5)
      bounds.hold(`rss MB at ${count}`, r.rssMb, '<=', 300)
      bounds.hold(`sent at ${count}`, r.sent, '>=', count)
      bounds.hold(`audit findings at ${count}`, r.findings, '<=', 0)
    }
    const [small, large] = [ratios[0] ?? 0, ratios.at(-1) ?? 0]
    if (ratios.length > 1) bounds.hold('ratio at the largest ÷ ratio at the smallest', large / small, '>=', 0.9)
    return bounds.result('blast', metrics)
  },
}

import { systemClock } from '#server/base/clock.ts'
import { auditGuard } from '#server/modules/delivery/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import { createAudience } from '../rig/audience.ts'
import { createOffer, planOffer } from '../rig/campaign.ts'
import { type Child, startChild } from '../rig/child.ts'
import { createDice } from '../rig/dice.ts'
import { checkLedger } from '../rig/ledger.ts'
import { countOpen, waitUntilDrained } from '../rig/queue.ts'
import {
  type BenchDatabase,
  createBenchBot,
  createBenchTenant,
  startBenchDatabase,
  startSimulatorProcess,
} from '../rig/rig.ts'
import type { WorkerInput } from '../rig/worker-process.ts'

interface CrashPlan {
  readonly recipients: number
  readonly kills: number
  readonly restarts: number
  readonly seed: number
}

/** Kills the worker again and again, and restarts the database under it in between and while it runs. */
const torment = async (
  plan: CrashPlan,
  database: BenchDatabase,
  startWorker: () => Promise<Child>,
  onProgress: (line: string) => void,
): Promise<{ readonly last: Child; readonly recoverMs: readonly number[] }> => {
  const dice = createDice(plan.seed)
  const recoverMs: number[] = []
  let worker = await startWorker()
  for (let kill = 1; kill <= plan.kills; kill++) {
    await systemClock.sleep(dice.between(80, 500))
    // Every so often the database goes too, by turns as a crash and as an orderly restart, with the worker running.
    const restartEvery = Math.max(1, Math.floor(plan.kills / plan.restarts))
    if (kill % restartEvery === 0) {
      const how = (kill / restartEvery) % 2 === 1 ? 'crash' : 'fast'
      await database.restart(how)
      onProgress(`database: ${how}`)
      await systemClock.sleep(dice.between(300, 900))
    }
    await worker.kill()
    const killedAt = performance.now()
    worker = await startWorker()
    recoverMs.push(performance.now() - killedAt)
  }
  return { last: worker, recoverMs }
}

const crashOnce = async (plan: CrashPlan, onProgress: (line: string) => void) => {
  const simulator = await startSimulatorProcess({ latencyMs: 20, limits: false })
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const tenantId = await createBenchTenant(db)
    const bot = await createBenchBot(db, tenantId, simulator, 1)
    const { ids } = await simulator.control<{ ids: number[] }>('createUsers', {
      count: plan.recipients,
      startedBotId: bot.telegramId,
    })
    await createAudience(db, tenantId, bot.accountId, ids)
    await planOffer(db, tenantId, bot.accountId, await createOffer(db, tenantId))
    const startWorker = async () => {
      const worker = startChild('rig/worker-process.ts', {
        connectionString: database.connectionString,
        installation: 'crash',
        accounts: [{ tenantId, accountId: bot.accountId, token: bot.token, apiRoot: simulator.apiRoot }],
        // Slow enough that every kill hits work under way, fast enough that many calls are in doubt each time.
        perSecond: Math.max(50, plan.recipients / 15),
        burst: 30,
        inFlightMax: 32,
        batchMax: 32,
        quiet: true,
      } satisfies WorkerInput)
      await worker.receive()
      return worker
    }
    const { last, recoverMs } = await torment(plan, database, startWorker, onProgress)
    const openAfterKills = await countOpen(db, tenantId)
    await waitUntilDrained(db, tenantId, 180_000)
    await last.stop()
    const ledger = await checkLedger(db, simulator, tenantId)
    const audit = await auditGuard(db, tenantId)
    const sorted = [...recoverMs].sort((a, b) => a - b)
    onProgress(`${openAfterKills} were open after the last kill; ${JSON.stringify(ledger)}`)
    return {
      ledger,
      openAfterKills,
      findings: audit.findings.length,
      recoverMsMedian: sorted[Math.floor(sorted.length / 2)] ?? 0,
    }
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'crash',
  does: 'a campaign whose worker is killed again and again, with PostgreSQL restarted under it: who got what, how often',
  async run({ numbers, onProgress }) {
    const plan: CrashPlan = {
      recipients: numbers.recipients ?? 5_000,
      kills: numbers.kills ?? 20,
      restarts: numbers.restarts ?? 4,
      seed: numbers.seed ?? 1,
    }
    const r = await crashOnce(plan, onProgress)
    const bounds = new Bounds()
    bounds.hold('duplicated', r.ledger.duplicated, '<=', 0)
    bounds.hold('lost: without an end', r.ledger.open, '<=', 0)
    bounds.hold('lost: ended otherwise than sent or unknown', r.ledger.failed + r.ledger.refused, '<=', 0)
    bounds.hold('lost: sent, never accepted', r.ledger.sentNotAccepted, '<=', 0)
    bounds.hold('in doubt, not listed as unknown', r.ledger.unlisted, '<=', 0)
    bounds.hold('sent or unknown', r.ledger.sent + r.ledger.unknown, '>=', plan.recipients)
    bounds.hold('open after the last kill', r.openAfterKills, '>=', 1)
    bounds.hold('audit findings', r.findings, '<=', 0)
    const { accepted, sent, unknown, unknownNotAccepted } = r.ledger
    return bounds.result('crash', {
      recipients: plan.recipients,
      kills: plan.kills,
      databaseRestarts: plan.restarts,
      accepted,
      sent,
      unknown,
      unknownNotAccepted,
      workerBackMsMedian: r.recoverMsMedian,
    })
  },
}

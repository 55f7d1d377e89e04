import { systemClock } from '#server/base/clock.ts'
import { auditGuard } from '#server/modules/delivery/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import { createAudience } from '../rig/audience.ts'
import { createOffer, planOffer } from '../rig/campaign.ts'
import { startChild } from '../rig/child.ts'
import { checkLedger } from '../rig/ledger.ts'
import { waitUntilDrained } from '../rig/queue.ts'
import { createBenchBot, createBenchTenant, startBenchDatabase, startSimulatorProcess } from '../rig/rig.ts'
import type { SharedClock } from '../rig/shared-clock.ts'
import type { WorkerInput } from '../rig/worker-process.ts'
import { type CallRecord, judgeCalls } from './judge-calls.ts'

interface FloodPlan {
  readonly accounts: number
  readonly recipients: number
  readonly retryAfter: readonly [number, number]
  /** Times as fast as real time both clocks run. */
  readonly factor: number
  readonly seed: number
}

const PACE_PER_SECOND = 25
const LATENCY_MS = 10
/** Calls that are under way when a 429 is announced reach the simulator within this much real time. */
const UNDER_WAY_MS = 500

/** What goes wrong with a send, and how often. */
const faultsOf = ({ retryAfter }: FloodPlan): readonly object[] =>
  [
    { kind: 'too_many_requests', probability: 0.02, retryAfter },
    { kind: 'blocked', probability: 0.02 },
    { kind: 'deactivated', probability: 0.01 },
    { kind: 'chat_not_found', probability: 0.01 },
    { kind: 'restart', probability: 0.02 },
    { kind: 'bad_gateway', probability: 0.01 },
    { kind: 'bad_gateway_after', probability: 0.01 },
    { kind: 'drop_before', probability: 0.01 },
    { kind: 'drop_after', probability: 0.02 },
    { kind: 'hang_before', probability: 0.005 },
    { kind: 'hang_after', probability: 0.005 },
    { kind: 'slow', probability: 0.01, delayMs: 2_500 },
  ].map((fault) => ({ ...fault, methods: ['sendMessage'] }))

const floodOnce = async (plan: FloodPlan, onProgress: (line: string) => void) => {
  const now = systemClock.now()
  const sharedClock: SharedClock = { startAt: now, realAt: now, factor: plan.factor }
  const simulator = await startSimulatorProcess({ latencyMs: LATENCY_MS, limits: true, seed: plan.seed, sharedClock })
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const tenantId = await createBenchTenant(db)
    const templateId = await createOffer(db, tenantId)
    const bots = []
    for (let n = 1; n <= plan.accounts; n++) {
      const bot = await createBenchBot(db, tenantId, simulator, n)
      const people = { count: plan.recipients, startedBotId: bot.telegramId }
      const { ids } = await simulator.control<{ ids: number[] }>('createUsers', people)
      await createAudience(db, tenantId, bot.accountId, ids)
      await planOffer(db, tenantId, bot.accountId, templateId, now)
      bots.push(bot)
    }
    for (const fault of faultsOf(plan)) await simulator.control('addFault', fault)
    await simulator.control('recordCalls', { isOn: true })
    const worker = startChild('rig/worker-process.ts', {
      connectionString: database.connectionString,
      installation: 'flood',
      accounts: bots.map((b) => ({ tenantId, accountId: b.accountId, token: b.token, apiRoot: simulator.apiRoot })),
      callTimeoutMs: 1_000,
      sharedClock,
    } satisfies WorkerInput)
    await worker.receive()
    await waitUntilDrained(db, tenantId, 600_000, 200)
    await worker.stop()
    const calls = await simulator.control<readonly CallRecord[]>('listCalls', { limit: 1_000_000 })
    const verdict = judgeCalls(calls, { perSecond: PACE_PER_SECOND, underWayMs: UNDER_WAY_MS * plan.factor })
    const ledger = await checkLedger(db, simulator, tenantId)
    const audit = await auditGuard(db, tenantId)
    onProgress(`${JSON.stringify(verdict)} ${JSON.stringify(ledger)}`)
    return { verdict, ledger, findings: audit.findings.length }
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'flood',
  does: 'every way a send can fail, at random: no retry before its time, nobody reached twice, and done when it can be',
  async run({ numbers, onProgress }) {
    const recipients = numbers.recipients ?? 3_000
    const seed = numbers.seed ?? 1
    const plans: Readonly<Record<string, FloodPlan>> = {
      // Waits of one to three seconds, in real time.
      Short: { accounts: 20, recipients: Math.ceil(recipients / 20), retryAfter: [1, 3], factor: 1, seed },
      // Waits of up to two minutes, on clocks that both run faster.
      Long: {
        accounts: 5,
        recipients: Math.ceil(recipients / 10),
        retryAfter: [1, 120],
        factor: numbers.factor ?? 30,
        seed,
      },
    }
    const bounds = new Bounds()
    const metrics: Record<string, number> = {}
    for (const [name, plan] of Object.entries(plans)) {
      const { verdict, ledger, findings } = await floodOnce(plan, onProgress)
      const waits = `(${name.toLowerCase()} waits)`
      bounds.hold(
        `calls before the end of a wait ${waits}`,
        verdict.prematureOfChat + verdict.prematureOfAccount,
        '<=',
        0,
      )
      bounds.hold(`reached twice ${waits}`, ledger.duplicated, '<=', 0)
      bounds.hold(`reached, not listed as sent or unknown ${waits}`, ledger.unlisted, '<=', 0)
      bounds.hold(`listed as sent, not reached ${waits}`, ledger.sentNotAccepted, '<=', 0)
      bounds.hold(`without an end ${waits}`, ledger.open, '<=', 0)
      bounds.hold(`429 answers met ${waits}`, verdict.waits, '>=', 1)
      bounds.hold(`time ÷ pace and waits, median account ${waits}`, verdict.slownessMedian, '<=', 1.25)
      bounds.hold(`audit findings ${waits}`, findings, '<=', 0)
      Object.assign(metrics, {
        [`calls${name}`]: verdict.calls,
        [`waits${name}`]: verdict.waits,
        [`sent${name}`]: ledger.sent,
        [`failed${name}`]: ledger.failed,
        [`unknown${name}`]: ledger.unknown,
        [`slownessMedian${name}`]: verdict.slownessMedian,
      })
    }
    return bounds.result('flood', metrics)
  },
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { systemClock, toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { startEmbedded } from '#server/db/embedded/start-embedded.ts'
import { migrateDatabase } from '#server/db/migrate.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { isRunning } from '#server/db/embedded/postmaster.ts'
import type { SimulatorOptions } from '#simulator/index.ts'

import { type Child, startChild } from './child.ts'
import type { SharedClock } from './shared-clock.ts'
import { findPostmasterPid, readFamilyCpuMs } from './processes.ts'

/** A simulator as another process sees it. */
export interface SimulatorProcess {
  readonly apiRoot: string
  control<T>(name: string, input?: object): Promise<T>
  stop(): Promise<void>
}

/** Starts a simulator of its own process. */
export const startSimulatorProcess = async (
  options: Omit<SimulatorOptions, 'clock'> & { readonly sharedClock?: SharedClock },
): Promise<SimulatorProcess> => {
  const child: Child = startChild('rig/simulator-process.ts', options)
  const { apiRoot } = await child.receive<{ apiRoot: string }>()
  return {
    apiRoot,
    async control<T>(name: string, input: object = {}) {
      const response = await fetch(`${apiRoot}/__sim/${name}`, { method: 'POST', body: JSON.stringify(input) })
      const answer = (await response.json()) as { ok: boolean; result: T; error?: string }
      if (!answer.ok) throw new Error(`simulator: ${name}: ${answer.error}`)
      return answer.result
    },
    stop: () => child.stop(),
  }
}

export interface BenchDatabase {
  readonly connectionString: string
  readonly superuserConnectionString: string
  readonly dataDir: string
  readonly db: Db
  /** Processor time of the server and its sessions so far, in ms. */
  cpuMs(): number
  /** Ends the server (`fast` closes its sessions, `crash` leaves recovery to the next start) and starts it again. */
  restart(how: 'fast' | 'crash'): Promise<void>
  stop(): Promise<void>
}

/** A migrated embedded PostgreSQL with its real durability settings, in a folder that is removed at the end. */
export const startBenchDatabase = async (): Promise<BenchDatabase> => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'gavatcore-bench-'))
  let server = await startEmbedded({ dataDir })
  const pool = createPool({
    connectionString: server.connectionString,
    min: 0,
    max: 4,
    applicationName: 'gavatcore bench',
    // A restart of the server ends idle sessions; the pool opens new ones.
    onIdleError: () => {},
  })
  await migrateDatabase(pool)
  const db = createDb(pool)
  return {
    connectionString: server.connectionString,
    superuserConnectionString: server.superuserConnectionString,
    dataDir,
    db,
    cpuMs: () => readFamilyCpuMs(findPostmasterPid(dataDir)),
    async restart(how) {
      const pid = findPostmasterPid(dataDir)
      process.kill(pid, how === 'crash' ? 'SIGQUIT' : 'SIGINT')
      while (isRunning(pid)) await systemClock.sleep(10)
      await server.stop()
      server = await startEmbedded({ dataDir })
    },
    async stop() {
      await db.destroy()
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A tenant without limits of its own: only hard ceilings, consent and Telegram's chat rates hold. */
export const createBenchTenant = async (db: Db, slug = 'bench'): Promise<number> => {
  const now = systemClock.now()
  const { id } = await db
    .insertInto('tenant')
    .values({
      slug,
      name: 'Ölçüm',
      sender_name: 'Ölçüm',
      observe_until: toDate(now - DAY_MS),
      created_at: toDate(now - 60 * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('tenant_limits')
    .values({
      tenant_id: id,
      package: 'custom',
      outreach_cooldown_minutes: 0,
      quiet_from_hour: 0,
      quiet_to_hour: 0,
      warm_up: false,
    })
    .execute()
  const at = toDate(now)
  await db
    .insertInto('subscription')
    .values({
      tenant_id: id,
      package: 'custom',
      state: 'active',
      catalogue_version: 1,
      period_starts_at: at,
      changed_at: at,
    })
    .execute()
  return id
}

export interface BenchBot {
  readonly accountId: number
  readonly token: string
  readonly telegramId: number
}

/** A bot known to the simulator and linked to the tenant; its sealed token is not used by the rig. */
export const createBenchBot = async (
  db: Db,
  tenantId: number,
  simulator: SimulatorProcess,
  n: number,
): Promise<BenchBot> => {
  const bot = await simulator.control<{ id: number; token: string }>('createBot', { username: `bench_${n}_bot` })
  const { id } = await db
    .insertInto('account')
    .values({
      tenant_id: tenantId,
      kind: 'bot',
      telegram_id: bot.id,
      display_name: `Bench ${n}`,
      token_sealed: Buffer.from([0]),
      api_root: simulator.apiRoot,
      webhook_key: `bench-${n}`,
      webhook_secret_sealed: Buffer.from([0]),
      update_mode: 'off',
      linked_at: toDate(systemClock.now() - 60 * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { accountId: id, token: bot.token, telegramId: bot.id }
}

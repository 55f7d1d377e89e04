import type { AddressInfo } from 'node:net'
import { createCallLog } from '#simulator/bot-api/call-log.ts'
import { createFaults, type Faults } from '#simulator/bot-api/faults.ts'
import {
  createLimiter,
  type Limiter,
  type LimitSettings,
  NO_LIMITS,
  TELEGRAM_LIMITS,
} from '#simulator/bot-api/limits.ts'
import { createRouter, type Router } from '#simulator/bot-api/router.ts'
import { createHttpServer } from '#simulator/bot-api/server.ts'
import { createStats, type Stats } from '#simulator/bot-api/stats.ts'
import { type SimulatorClock, systemSimulatorClock } from '#simulator/clock.ts'
import { type ControlApi, createControlApi } from '#simulator/control/controls.ts'
import { createControlHandler } from '#simulator/control/http.ts'
import type { MtprotoServer } from '#simulator/mtproto/server.ts'
import { createPopulation, type Population } from '#simulator/people/population.ts'
import { createRandom } from '#simulator/random.ts'
import { createDelivery } from '#simulator/updates/delivery.ts'
import { createUserAccounts } from '#simulator/user-accounts/create-user-accounts.ts'
import type { UserAccounts } from '#simulator/user-accounts/types.ts'
import { createWorld } from '#simulator/world/create-world.ts'
import type { World, WorldSettings } from '#simulator/world/types.ts'

export type SimulatorOptions = {
  /** 0 (the default) takes any free port. */
  readonly port?: number
  /** 127.0.0.1 unless said otherwise. */
  readonly host?: string
  /** Decides ids, tokens, links, chance and people. */
  readonly seed?: string | number
  /** The time of the world; system time by default. */
  readonly clock?: SimulatorClock
  /** Real ms every Bot API answer takes at least. */
  readonly latencyMs?: number
  /** Telegram's rate limits: on (default), off, or single ones changed. */
  readonly limits?: boolean | Partial<LimitSettings>
  /** Asked for on /__sim requests when set. */
  readonly controlToken?: string
  readonly world?: Partial<WorldSettings>
  /** Starts the face for people's own clients, on any free port unless one is named; off by default. */
  readonly mtproto?: boolean | { readonly port?: number; readonly privateKey?: string }
  /** Told about an error that is the simulator's own; printed as a warning by default. */
  readonly onBug?: (error: unknown) => void
}

export interface Simulator {
  /** What a Bot API client takes as its root, `http://127.0.0.1:<port>`. */
  readonly apiRoot: string
  readonly port: number
  readonly clock: SimulatorClock
  readonly world: World
  readonly faults: Faults
  readonly limiter: Limiter
  readonly stats: Stats
  readonly people: Population
  /** MTProto over TCP, when it was asked for. */
  readonly mtproto: MtprotoServer | null
  /** The control API as functions; over HTTP it is `POST {apiRoot}/__sim/<name>`. */
  readonly control: ControlApi
  close(): Promise<void>
}

/** Starts a simulated Telegram with an empty world and its Bot API over HTTP; resolves once it listens. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', seed = 1, clock = systemSimulatorClock, limits = true } = options
  const world = createWorld(clock, seed, options.world)
  const base = limits === false ? NO_LIMITS : TELEGRAM_LIMITS
  const limiter = createLimiter({ ...base, ...(typeof limits === 'object' && limits) })
  const faults = createFaults(createRandom(seed).fork('faults'))
  const stats = createStats()
  const callLog = createCallLog()
  const latency = { ms: options.latencyMs ?? 0 }
  // A webhook's answer may call a method, so delivery needs the router that needs the delivery.
  let router: Router | null = null
  const delivery = createDelivery(world, {
    slowsRepeatedPolls: limits !== false,
    callMethod: (bot, method, params) =>
      void router?.run(bot.token, method, params, () => new AbortController().signal),
  })
  router = createRouter({ world, limiter, faults, delivery, stats, callLog })
  const people = createPopulation(world, createRandom(seed).fork('people'))
  const userAccounts = createUserAccounts(world)
  const onBug = options.onBug ?? printBug
  const mtproto = options.mtproto ? await startMtproto(options.mtproto, { accounts: userAccounts, host, onBug }) : null
  const parts = { userAccounts, mtproto, clock, world, limiter, faults, stats, callLog, delivery, people, latency }
  const server = createHttpServer({
    world,
    router,
    latency,
    onBug,
    control: createControlHandler(parts, options.controlToken),
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    apiRoot: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    clock,
    world,
    faults,
    limiter,
    stats,
    people,
    mtproto,
    control: createControlApi(parts),
    async close() {
      people.stop()
      await delivery.close()
      await mtproto?.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

/** MTProto's schema is large, so it is read only where the face is wanted. */
async function startMtproto(
  wanted: true | { readonly port?: number; readonly privateKey?: string },
  base: { readonly accounts: UserAccounts; readonly host: string; readonly onBug: (error: unknown) => void },
): Promise<MtprotoServer> {
  const { startMtprotoServer } = await import('#simulator/mtproto/server.ts')
  const { port = 0, privateKey } = wanted === true ? {} : wanted
  return startMtprotoServer({ ...base, port, privateKey })
}

function printBug(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}

import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'
import {
  DEFAULT_RESTART_POLICY,
  type PartNode,
  type RestartPolicy,
  decideRestart,
  dependentsOf,
  orderParts,
} from './part.rules.ts'
import type { Random } from './random.ts'

/** One piece of the running system: a pool, a worker, a server. */
export interface Part extends PartNode {
  /** Resolves when the part works. `failed` is called later, when a running part breaks; it is then started again. */
  start(failed: (error: unknown) => void): Promise<void>
  /** Finishes what is under way and lets go of everything. Also called after a failed start; must not throw for that. */
  stop?(): Promise<void>
  /** Null while the part works, else what is wrong with it. */
  health?(): Promise<string | null>
}

export const PART_STATES = ['stopped', 'starting', 'running', 'restarting', 'unhealthy', 'stopping'] as const
export type PartState = (typeof PART_STATES)[number]

export interface PartHealth {
  readonly name: string
  readonly state: PartState
  /** What is wrong; null for a part that works. */
  readonly fault: string | null
  readonly restarts: number
}

export interface SupervisorOptions {
  readonly parts: readonly Part[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly policy?: RestartPolicy
  /** A part that has not stopped after this long is left behind. */
  readonly stopTimeoutMs?: number
  /** Told once each time a part enters a crash loop. */
  readonly onUnhealthy?: (part: string, error: unknown) => void
}

export interface Supervisor {
  /** Starts all parts in dependency order. One that fails stops those already started, and the error is thrown. */
  start(): Promise<void>
  /** Stops all parts in reverse order, within `withinMs` in total. Returns the names of parts that did not finish. */
  stop(withinMs: number): Promise<readonly string[]>
  health(): Promise<readonly PartHealth[]>
}

interface Slot {
  readonly part: Part
  state: PartState
  fault: unknown
  failedAts: number[]
  restarts: number
  /** Rises with each start: a failure reported by an earlier run of the part is ignored. */
  run: number
}

const STOP_TIMEOUT_MS = 10_000
const HEALTH_TIMEOUT_MS = 2_000

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Runs parts that depend on one another. A running part that fails is stopped together with those that need it, and
 * started again after a growing delay; its dependents follow once it runs. Errors: those of {@link orderParts}.
 */
export const createSupervisor = (options: SupervisorOptions): Supervisor => new PartRunner(options)

class PartRunner implements Supervisor {
  readonly #options: SupervisorOptions
  readonly #policy: RestartPolicy
  readonly #slots: readonly Slot[]
  readonly #abort = new AbortController()
  readonly #stopTimeoutMs: number
  /** After the first start, starts and stops happen one after another, so no two of them can interleave. */
  #turn: Promise<void> = Promise.resolve()

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#policy = options.policy ?? DEFAULT_RESTART_POLICY
    this.#stopTimeoutMs = options.stopTimeoutMs ?? STOP_TIMEOUT_MS
    this.#slots = orderParts(options.parts).map((part) => ({
      part,
      state: 'stopped',
      fault: null,
      failedAts: [],
      restarts: 0,
      run: 0,
    }))
  }

  async start(): Promise<void> {
    for (const slot of this.#slots) {
      try {
        await this.#startSlot(slot)
      } catch (error) {
        await settled(slot.part, this.#stopTimeoutMs, this.#options.log)
        slot.state = 'stopped'
        await this.stop(this.#stopTimeoutMs)
        throw error
      }
      this.#options.log.debug({ part: slot.part.name }, 'started')
    }
  }

  async stop(withinMs: number): Promise<readonly string[]> {
    this.#abort.abort()
    const deadline = performance.now() + withinMs
    await Promise.race([this.#turn, delay(withinMs)])
    const late: string[] = []
    for (const slot of this.#slots.toReversed()) {
      const inTime = await this.#stopSlot(slot, 'stopped', Math.max(0, deadline - performance.now()))
      if (!inTime) late.push(slot.part.name)
    }
    return late
  }

  health(): Promise<readonly PartHealth[]> {
    return Promise.all(this.#slots.map(reportHealth))
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(work)
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'the supervisor failed'))
  }

  async #startSlot(slot: Slot): Promise<void> {
    slot.state = 'starting'
    slot.run += 1
    const run = slot.run
    await slot.part.start((error) => {
      if (slot.run === run) this.#inTurn(() => this.#recover(slot, run, error))
    })
    slot.state = 'running'
    slot.fault = null
  }

  async #stopSlot(slot: Slot, next: PartState, withinMs: number): Promise<boolean> {
    if (slot.state === 'stopped' || slot.state === 'restarting' || slot.state === 'unhealthy') {
      if (next === 'stopped') slot.state = 'stopped'
      return true
    }
    slot.state = 'stopping'
    slot.run += 1
    const stopped = await settled(slot.part, withinMs, this.#options.log)
    slot.state = next
    return stopped
  }

  async #recover(slot: Slot, run: number, error: unknown): Promise<void> {
    if (this.#abort.signal.aborted || slot.run !== run || slot.state !== 'running') return
    this.#options.log.error({ part: slot.part.name, err: error }, 'a part failed')
    const dependents = dependentsOf(this.#options.parts, slot.part.name)
    for (const other of this.#slots.toReversed()) {
      if (dependents.has(other.part.name)) await this.#stopSlot(other, 'restarting', this.#stopTimeoutMs)
    }
    await this.#stopSlot(slot, 'restarting', this.#stopTimeoutMs)
    this.#scheduleRestart(slot, error)
  }

  #scheduleRestart(slot: Slot, error: unknown): void {
    const { clock, log, random, onUnhealthy } = this.#options
    const now = clock.now()
    slot.fault = error
    slot.failedAts = [...slot.failedAts.filter((at) => at > now - this.#policy.crashWindowMs), now]
    const { delayMs, crashLoop } = decideRestart(slot.failedAts, now, random.next(), this.#policy)
    if (crashLoop && slot.state !== 'unhealthy') {
      log.error({ part: slot.part.name, failures: slot.failedAts.length, err: error }, 'a part is in a crash loop')
      onUnhealthy?.(slot.part.name, error)
    }
    slot.state = crashLoop ? 'unhealthy' : 'restarting'
    void clock.sleep(delayMs, this.#abort.signal).then(() => this.#inTurn(() => this.#restart(slot)))
  }

  async #restart(slot: Slot): Promise<void> {
    if (this.#abort.signal.aborted || slot.state === 'running') return
    const needed = new Set(slot.part.dependsOn)
    // Otherwise the restart of what it waits for starts it.
    if (this.#slots.some((other) => needed.has(other.part.name) && other.state !== 'running')) return
    slot.restarts += 1
    const before = slot.state
    try {
      await this.#startSlot(slot)
    } catch (error) {
      this.#options.log.error({ part: slot.part.name, err: error }, 'a part could not be started again')
      await settled(slot.part, this.#stopTimeoutMs, this.#options.log)
      slot.state = before
      this.#scheduleRestart(slot, error)
      return
    }
    this.#options.log.info({ part: slot.part.name, restarts: slot.restarts }, 'a part runs again')
    for (const other of this.#slots) if (other.part.dependsOn?.includes(slot.part.name)) await this.#restart(other)
  }
}

const reportHealth = async (slot: Slot): Promise<PartHealth> => {
  const { name } = slot.part
  if (slot.state !== 'running') {
    const fault = slot.fault === null ? slot.state : `${slot.state}: ${messageOf(slot.fault)}`
    return { name, state: slot.state, fault, restarts: slot.restarts }
  }
  const check = slot.part.health?.() ?? Promise.resolve(null)
  const fault = await Promise.race([
    check.catch(messageOf),
    delay(HEALTH_TIMEOUT_MS).then(() => 'the health check does not answer'),
  ])
  return { name, state: slot.state, fault, restarts: slot.restarts }
}

/** Whether the part stopped in time. A stop that throws counts: nothing more can be done about it. */
const settled = async (part: Part, withinMs: number, log: Logger): Promise<boolean> => {
  const stopping = (part.stop?.() ?? Promise.resolve()).then(
    () => true,
    (error: unknown) => {
      log.warn({ part: part.name, err: error }, 'a part failed while stopping')
      return true
    },
  )
  return Promise.race([stopping, delay(withinMs).then(() => false)])
}

/** The machine's own time, whatever clock the domain runs on: limits on stopping are about this process. */
const delay = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

/** Whether a report has no fault at all. */
export const isHealthy = (report: readonly PartHealth[]): boolean => report.every((part) => part.fault === null)

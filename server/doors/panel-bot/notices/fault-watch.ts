import { type Clock, systemClock } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import type { PartHealth } from '#server/base/supervisor.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type Fault,
  countParked,
  noticeDatabaseBack,
  noticeOverdueTickets,
  recordFaults,
} from '#server/modules/admin/index.ts'

export interface FaultWatchDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly health: () => Promise<readonly PartHealth[]>
  /** Names this installation's process among others, the same after a restart: whose part it is. */
  readonly place: string
}

const LOOK_EVERY_MS = MINUTE_MS

/** A part that is being started or stopped is no fault yet. */
const IN_TRANSIT: ReadonlySet<string> = new Set(['starting', 'stopping', 'stopped'])

/**
 * Looks once a minute for what needs somebody: parts that keep failing, updates and events that were put aside, a
 * database that was away, tickets that wait too long. Operators are told once for each cause.
 */
export class FaultWatch {
  readonly #deps: FaultWatchDeps
  /** Parts with a fault at the look before: one that heals at once is not worth a word. */
  #before: ReadonlySet<string> = new Set()
  #downSince: number | null = null

  constructor(deps: FaultWatchDeps) {
    this.#deps = deps
  }

  /** Works until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look()
      await systemClock.sleep(LOOK_EVERY_MS, signal)
    }
  }

  /** One look. Never throws: while the database is away, there is nobody to tell through. */
  async look(): Promise<void> {
    const { db, clock, log } = this.#deps
    const now = clock.now()
    try {
      const parts = await this.#readParts()
      const { opened, closed } = await asOperator(db, 'watch for faults', async (tx) => {
        if (this.#downSince !== null) await noticeDatabaseBack(tx, this.#downSince, now)
        await noticeOverdueTickets(tx, now)
        return recordFaults(tx, [...parts, ...(await this.#readParked(tx))], now)
      })
      this.#downSince = null
      if (opened + closed > 0) log.warn({ opened, closed }, 'faults changed')
    } catch (error) {
      this.#downSince ??= now
      log.error({ err: error }, 'faults could not be looked for')
    }
  }

  async #readParts(): Promise<readonly Fault[]> {
    const { health, place } = this.#deps
    const faulty = (await health()).filter((part) => part.fault !== null && !IN_TRANSIT.has(part.state))
    const lasting = faulty.filter((part) => part.state === 'unhealthy' || this.#before.has(part.name))
    this.#before = new Set(faulty.map((part) => part.name))
    return lasting.map((part) => ({
      cause: `part:${part.name}:${place}`.slice(0, 200),
      what: 'part' as const,
      params: { part: part.name, detail: part.fault ?? '' },
    }))
  }

  async #readParked(tx: Parameters<typeof countParked>[0]): Promise<readonly Fault[]> {
    const { updates, events } = await countParked(tx)
    const faults: readonly (Fault & { readonly number: number })[] = [
      { cause: 'updates_parked', what: 'updates_parked', params: { detail: updates }, number: updates },
      { cause: 'events_parked', what: 'events_parked', params: { detail: events }, number: events },
    ]
    return faults.filter((fault) => fault.number > 0)
  }
}

import { systemClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'

import { LEASE_TTL_MS, type Lease, type LeasePurpose, acquireLeases, releaseLeases, renewLeases } from './lease.ts'
import type { Db } from './pool.ts'

export interface LaneAccount {
  readonly tenantId: number
  readonly accountId: number
}

export interface LanesOptions<A extends LaneAccount> {
  readonly db: Db
  readonly log: Logger
  readonly purpose: LeasePurpose
  /** Names this process; two processes never share it. */
  readonly holder: string
  /** The accounts that should be worked now. An account that is no longer listed has its lane ended. */
  readonly listAccounts: () => Promise<readonly A[]>
  /** What a lane was begun with; when it differs at a look, the lane is ended and begun anew. Nothing when left out. */
  readonly versionOf?: (account: A) => string
  /**
   * Works one account until `signal` aborts: on stop, when the lease is lost, when the account is no longer listed.
   * A lane that ends or throws by itself is started again at the next look.
   */
  readonly work: (account: A, lease: Lease, signal: AbortSignal) => Promise<void>
  readonly ttlMs?: number
  readonly lookEveryMs?: number
}

interface Lane {
  readonly lease: Lease
  readonly version: string
  readonly abort: AbortController
  /** Resolves when the lane has ended and its lease is given back. */
  ended: Promise<void>
  /** The lease is somebody else's by now: there is nothing to give back. */
  lost: boolean
  /** `performance.now()` up to which the lease is surely ours, whatever happens to the database. */
  sureUntil: number
}

/** Looked at so often that a lease is renewed several times before it ends. */
const LOOK_EVERY_MS = 2 * SECOND_MS

/** Keeps one lane running per account that this process holds the lease of, and ends it before anyone else may begin. */
export class LeasedLanes<A extends LaneAccount> {
  readonly #options: LanesOptions<A>
  readonly #ttlMs: number
  readonly #lanes = new Map<number, Lane>()
  readonly #abort = new AbortController()
  /** Leases of lanes that ended while the database was away: ours still, and nobody works them. */
  #unreleased: Lease[] = []
  #loop: Promise<void> = Promise.resolve()
  #lookNow = new AbortController()

  constructor(options: LanesOptions<A>) {
    this.#options = options
    this.#ttlMs = options.ttlMs ?? LEASE_TTL_MS
  }

  /** Accounts worked by this process. */
  get accountIds(): readonly number[] {
    return [...this.#lanes.keys()]
  }

  async start(): Promise<void> {
    await this.#look()
    this.#loop = this.#keepLooking()
  }

  /** Ends all lanes, waits for them, and gives the leases back. */
  async stop(): Promise<void> {
    this.#abort.abort()
    this.#lookNow.abort()
    await this.#loop
    const lanes = [...this.#lanes.values()]
    for (const lane of lanes) lane.abort.abort()
    await Promise.all(lanes.map((lane) => lane.ended))
  }

  /** Looks at the accounts at once instead of at the next turn: after an account was added or paused. */
  look(): void {
    this.#lookNow.abort()
  }

  async #keepLooking(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await systemClock.sleep(this.#options.lookEveryMs ?? LOOK_EVERY_MS, this.#lookNow.signal)
      if (this.#abort.signal.aborted) return
      this.#lookNow = new AbortController()
      try {
        await this.#look()
      } catch (error) {
        this.#options.log.warn({ err: error, purpose: this.#options.purpose }, 'leases could not be looked after')
        this.#endUnsure()
      }
    }
  }

  async #look(): Promise<void> {
    await this.#giveBackLate()
    await this.#renew()
    const accounts = new Map((await this.#options.listAccounts()).map((account) => [account.accountId, account]))
    for (const [accountId, lane] of this.#lanes) {
      const account = accounts.get(accountId)
      if (!account) lane.abort.abort()
      else if (this.#versionOf(account) !== lane.version) this.#renewLane(lane)
    }
    const wanted = [...accounts.values()].filter((account) => !this.#lanes.has(account.accountId))
    const askedAt = performance.now()
    const leases = await acquireLeases(
      this.#options.db,
      this.#options.purpose,
      this.#options.holder,
      wanted,
      this.#ttlMs,
    )
    for (const lease of leases) {
      const account = accounts.get(lease.accountId)
      if (account) this.#begin(account, lease, askedAt + this.#ttlMs)
    }
  }

  #versionOf(account: A): string {
    return this.#options.versionOf?.(account) ?? ''
  }

  /** Ends the lane and looks again as soon as it has ended, so that it begins with what the account is now. */
  #renewLane(lane: Lane): void {
    if (lane.abort.signal.aborted) return
    lane.abort.abort()
    void lane.ended.then(() => this.look())
  }

  /** Without this, an account whose lane ended during an outage would lie idle until its lease ends by itself. */
  async #giveBackLate(): Promise<void> {
    const late = this.#unreleased
    await releaseLeases(this.#options.db, late)
    this.#unreleased = this.#unreleased.filter((lease) => !late.includes(lease))
  }

  async #renew(): Promise<void> {
    const lanes = [...this.#lanes.values()]
    const askedAt = performance.now()
    const alive = new Set(
      await renewLeases(
        this.#options.db,
        lanes.map((lane) => lane.lease),
        this.#ttlMs,
      ),
    )
    for (const lane of lanes) {
      if (alive.has(lane.lease)) lane.sureUntil = askedAt + this.#ttlMs
      else this.#drop(lane)
    }
  }

  /** Without an answer from the database, a lane ends before its lease can pass to another process. */
  #endUnsure(): void {
    const margin = (this.#options.lookEveryMs ?? LOOK_EVERY_MS) * 2
    for (const lane of this.#lanes.values()) if (performance.now() + margin >= lane.sureUntil) this.#drop(lane)
  }

  #begin(account: A, lease: Lease, sureUntil: number): void {
    const lane: Lane = {
      lease,
      version: this.#versionOf(account),
      abort: new AbortController(),
      sureUntil,
      lost: false,
      ended: Promise.resolve(),
    }
    this.#lanes.set(lease.accountId, lane)
    lane.ended = this.#run(account, lane)
  }

  async #run(account: A, lane: Lane): Promise<void> {
    const { log, purpose } = this.#options
    const { accountId } = lane.lease
    try {
      await this.#options.work(account, lane.lease, lane.abort.signal)
    } catch (error) {
      if (!lane.abort.signal.aborted) log.error({ err: error, purpose, accountId }, 'a lane failed')
    }
    try {
      if (!lane.lost) await releaseLeases(this.#options.db, [lane.lease])
    } catch (error) {
      this.#unreleased.push(lane.lease)
      log.warn({ err: error, purpose, accountId }, 'a lease could not be given back yet')
    }
    if (this.#lanes.get(accountId) === lane) this.#lanes.delete(accountId)
  }

  #drop(lane: Lane): void {
    this.#options.log.warn({ purpose: this.#options.purpose, accountId: lane.lease.accountId }, 'a lease was lost')
    lane.lost = true
    lane.abort.abort()
  }
}

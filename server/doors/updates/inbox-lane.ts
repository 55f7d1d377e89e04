import type { Locale } from '#contract/words.ts'
import { type Clock, systemClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { AppError } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Translate } from '#server/base/translate.ts'
import { type Lease, requireLeases } from '#server/db/lease.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, inTenant, withinTenant } from '#server/db/tenant-scope.ts'
import { type InboxUpdate, failUpdate, finishUpdates } from '#server/modules/accounts/index.ts'

import type { ApplyBusinessUpdate } from './business-lane.ts'
import { type CallbackAnswer, endsBatch } from './apply-updates.ts'
import { InboxBatches } from './inbox-batches.ts'

export interface InboxDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly translator: (locale: Locale) => Translate
  /** Stops the spinner on a pressed button; never throws. */
  readonly answerCallback: (answer: CallbackAnswer) => Promise<void>
  /** Applies a payment an update tells of, in a transaction of its own: it may belong to another tenant. Idempotent. */
  readonly recordPayment?: (accountId: number, update: InboxUpdate) => Promise<void>
  /** Does what concerns business accounts, in transactions of its own; answers whether that was all. Idempotent. */
  readonly applyBusiness?: ApplyBusinessUpdate
  /**
   * Applies and answers one update of the panel's own bot, then calls `finish` in a transaction of its choice. Cut off
   * before that, it is called again. `later`: Telegram asked to wait.
   */
  readonly applyPanelUpdate?: (panel: {
    readonly accountId: number
    readonly update: InboxUpdate
    readonly finish: (tx: OperatorTx) => Promise<void>
  }) => Promise<{ readonly kind: 'done' } | { readonly kind: 'later'; readonly afterMs: number }>
}

export interface InboxLaneOptions {
  readonly tenantId: number
  readonly accountId: number
  /** `panel`: the updates go to the panel bot and touch no contact; `contacts` when left out. */
  readonly purpose?: 'contacts' | 'panel'
  /** Without it this process may no longer work the account; null where nobody else could. */
  readonly lease: Lease | null
  /** Somebody looks into the inboxes of resting lanes, so this one need not. */
  readonly isWatched?: boolean
  /** Shared by the lanes of a process, so that what they do at the same moment is done together. */
  readonly batches?: InboxBatches
}

const READ = 200
/** Behind with nothing but what groups say, the lane takes up to so many at once: each transaction has its fixed cost. */
const READ_MAX = 800
/** What may be answered: more in one transaction would let the first of them wait for the last. */
const ANSWERED_MAX = 100
/** Groups and channels have negative numbers; what is said there costs no statement of its own, as a rule. */
const isSaidInGroup = ({ kind, queueKey }: InboxUpdate): boolean => kind === 'message' && queueKey.startsWith('chat:-')
/** NOTIFY wakes a lane; being looked after is the safety net. */
export const LOOK_EVERY_MS = 5 * SECOND_MS
const FAULT_WAIT_MS = SECOND_MS

/** An update is tried five times within about fifteen seconds, then parked for a person, and its queue goes on. */
const MAX_ATTEMPTS = 5
const retryWaitMs = (attempts: number): number => SECOND_MS * 2 ** (attempts - 1)

/** SQL states of a conflict with another transaction: nobody's fault, and over by the next try. */
const CONFLICTS: ReadonlySet<unknown> = new Set(['40001', '40P01', '55P03'])
/** The database is gone or going: nothing can be said about the update. */
const CONNECTION = /^(08|57|53|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/
const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}
const isOutage = (error: unknown): boolean =>
  CONNECTION.test(codeOf(error)) || /connection terminated|timeout exceeded/i.test(String(error))

/** Applies the stored updates of one account, in order inside each queue; a failing update holds up its queue alone. */
export class InboxLane {
  readonly #deps: InboxDeps
  readonly #options: InboxLaneOptions
  readonly #batches: InboxBatches
  /** When an update that failed may be tried again, on the machine's clock. */
  readonly #retryAt = new Map<number, number>()
  #wakeUp = new AbortController()
  #read = READ

  constructor(deps: InboxDeps, options: InboxLaneOptions) {
    this.#deps = deps
    this.#options = options
    const { db, translator, clock } = deps
    this.#batches = options.batches ?? new InboxBatches({ db, translator, now: () => clock.now() })
  }

  /** Looks into the inbox at once. */
  wake(): void {
    this.#wakeUp.abort()
  }

  /** Works until `signal` aborts, or throws when the lease is lost. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.wake()
    signal.addEventListener('abort', stop, { once: true })
    while (!signal.aborted) {
      this.#wakeUp = new AbortController()
      let waitMs = 0
      try {
        waitMs = await this.#step()
      } catch (error) {
        if (error instanceof AppError && error.code === 'lease_lost') throw error
        this.#deps.log.error({ accountId: this.#options.accountId, err: error }, 'the inbox could not be worked')
        waitMs = FAULT_WAIT_MS
      }
      if (waitMs > 0 && !signal.aborted) await systemClock.sleep(waitMs, this.#wakeUp.signal)
    }
    signal.removeEventListener('abort', stop)
  }

  /** Applies everything that waits and can be applied now. For tests and rehearsals. */
  async drain(): Promise<void> {
    while ((await this.#step()) === 0);
  }

  /** One look; returns how long to wait before the next. */
  async #step(): Promise<number> {
    const waiting = await this.#batches.read({ accountId: this.#options.accountId, limit: this.#read })
    const { ready, nextRetryMs } = this.#chooseReady(waiting)
    // What is read and not taken is read again, so it only reads more while it takes all of it.
    const isBehind = waiting.length === this.#read && ready.length === waiting.length
    this.#read = isBehind ? Math.min(this.#read * 2, READ_MAX) : READ
    if (ready.length === 0) return Math.min(this.#options.isWatched ? Infinity : LOOK_EVERY_MS, nextRetryMs)
    await this.#applyBatch(ready)
    return 0
  }

  #chooseReady(waiting: readonly InboxUpdate[]): {
    readonly ready: readonly InboxUpdate[]
    readonly nextRetryMs: number
  } {
    const now = performance.now()
    const held = new Set<string>()
    const ready: InboxUpdate[] = []
    let nextRetryMs = Infinity
    let answered = 0
    for (const update of waiting) {
      const waitMs = (this.#retryAt.get(update.updateId) ?? 0) - now
      if (waitMs > 0) {
        held.add(update.queueKey)
        nextRetryMs = Math.min(nextRetryMs, waitMs)
      }
      if (held.has(update.queueKey)) continue
      ready.push(update)
      if (!isSaidInGroup(update)) answered += 1
      if (answered === ANSWERED_MAX || endsBatch(update)) break
    }
    return { ready, nextRetryMs }
  }

  async #applyBatch(updates: readonly InboxUpdate[]): Promise<void> {
    if (this.#options.purpose === 'panel') return this.#applyToPanel(updates)
    await this.#applyTogether(updates, new Set())
  }

  /** All at once, or, where one of them fails, in halves until it stands alone; `held`: queues that failed. */
  async #applyTogether(updates: readonly InboxUpdate[], held: Set<string>): Promise<void> {
    const able = updates.filter(({ queueKey }) => !held.has(queueKey))
    const [first] = able
    if (!first) return
    try {
      await this.#apply(able)
    } catch (error) {
      if (isOutage(error) || (error instanceof AppError && error.code === 'lease_lost')) throw error
      if (able.length === 1) {
        held.add(first.queueKey)
        await this.#fail(first, error)
        return
      }
      const half = able.length >> 1
      await this.#applyTogether(able.slice(0, half), held)
      await this.#applyTogether(able.slice(half), held)
    }
  }

  async #apply(updates: readonly InboxUpdate[]): Promise<void> {
    const { tenantId, accountId, lease } = this.#options
    for (const update of updates) await this.#deps.applyBusiness?.(accountId, update)
    for (const update of updates) await this.#deps.recordPayment?.(accountId, update)
    const answers = await this.#batches.apply(tenantId, { updates, lease })
    for (const update of updates) this.#retryAt.delete(update.updateId)
    for (const answer of answers) void this.#deps.answerCallback(answer)
  }

  /** One by one: each is answered before the next is looked at, and one that has to wait holds up its queue alone. */
  async #applyToPanel(updates: readonly InboxUpdate[]): Promise<void> {
    const held = new Set<string>()
    for (const update of updates) {
      if (held.has(update.queueKey)) continue
      try {
        const waitMs = await this.#applyPanelUpdate(update)
        if (waitMs > 0) held.add(update.queueKey)
        if (waitMs > 0) this.#retryAt.set(update.updateId, performance.now() + waitMs)
        else this.#retryAt.delete(update.updateId)
      } catch (error) {
        if (isOutage(error) || (error instanceof AppError && error.code === 'lease_lost')) throw error
        held.add(update.queueKey)
        await this.#fail(update, error)
      }
    }
  }

  /** Returns how long Telegram asked to wait before the update is tried again; 0 when it is done. */
  async #applyPanelUpdate(update: InboxUpdate): Promise<number> {
    const { tenantId, accountId, lease } = this.#options
    const leases = lease ? [lease] : []
    const { applyPanelUpdate, recordPayment, clock } = this.#deps
    await inTenant(this.#deps.db, tenantId, (tx) => requireLeases(tx, leases))
    const isBusiness = (await this.#deps.applyBusiness?.(accountId, update)) ?? false
    if (!isBusiness) await recordPayment?.(accountId, update)
    const end = {
      accountId,
      updateId: update.updateId,
      state: applyPanelUpdate ? 'done' : 'ignored',
      note: null,
    } as const
    const finish = (tx: OperatorTx) =>
      withinTenant(tx, tenantId, async (own) => {
        await requireLeases(own, leases)
        await finishUpdates(own, [end], clock.now())
      })
    if (!applyPanelUpdate || isBusiness) {
      await this.#deps.db.transaction().execute(finish)
      return 0
    }
    const outcome = await applyPanelUpdate({ accountId, update, finish })
    return outcome.kind === 'later' ? Math.max(1, outcome.afterMs) : 0
  }

  async #fail(update: InboxUpdate, error: unknown): Promise<void> {
    const { tenantId, accountId } = this.#options
    this.#retryAt.set(update.updateId, performance.now() + retryWaitMs(update.attempts + 1))
    if (CONFLICTS.has(codeOf(error))) return
    const hopeless = error instanceof AppError && error.kind === 'invalid'
    const park = hopeless || update.attempts + 1 >= MAX_ATTEMPTS
    const fields = {
      accountId,
      updateId: update.updateId,
      kind: update.kind,
      attempts: update.attempts + 1,
      err: error,
    }
    if (park) this.#deps.log.error(fields, 'an update was parked')
    else this.#deps.log.warn(fields, 'an update could not be applied')
    if (park) this.#retryAt.delete(update.updateId)
    const failure = { error: describeFailure(error), park }
    await inTenant(this.#deps.db, tenantId, (tx) =>
      failUpdate(tx, accountId, update.updateId, failure, this.#deps.clock.now()),
    )
  }
}

/** What is kept beside a parked update. A driver's message may quote values, so only its code and kind are. */
const describeFailure = (error: unknown): string => {
  if (error instanceof AppError) return error.message.slice(0, 500)
  const code = codeOf(error)
  return code === '' ? String(error).slice(0, 500) : `${(error as Error).name} ${code}`
}

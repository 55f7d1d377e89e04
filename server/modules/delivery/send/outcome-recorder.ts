import { systemClock } from '#server/base/clock.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import { type SendOutcome, recordOutcomes } from '../outcome/record-outcomes.ts'
import type { LaneDeps } from './lane-deps.ts'

const BATCH_MAX = 250
/** Real time in which the outcomes of an instant come together; a full batch does not wait. */
const GATHER_MS = 10
/** With so many outcomes unwritten (the database is slow or gone) no new send may start. */
const BEHIND_AT = 1_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2_000

/**
 * Writes the outcomes of a tenant's lanes in batches, one transaction at a time: what arrives during one is written by
 * the next. While the database is away outcomes are kept and tried again; they are lost only with the process, and then
 * count as unknown.
 */
export class OutcomeRecorder {
  readonly #deps: Pick<LaneDeps, 'db' | 'log'>
  readonly #tenantId: number
  readonly #onWritten: (count: number) => void
  #queue: SendOutcome[] = []
  #writing: Promise<void> | null = null

  constructor(deps: Pick<LaneDeps, 'db' | 'log'>, tenantId: number, onWritten: (count: number) => void = () => {}) {
    this.#deps = deps
    this.#tenantId = tenantId
    this.#onWritten = onWritten
  }

  add(outcome: SendOutcome): void {
    this.#queue.push(outcome)
    this.#writing ??= this.#write()
  }

  isBehind(): boolean {
    return this.#queue.length >= BEHIND_AT
  }

  /** Resolves when everything added so far is written. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  async #write(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (this.#queue.length > 0) {
      if (this.#queue.length < BATCH_MAX) await systemClock.sleep(GATHER_MS)
      const batch = this.#queue.slice(0, BATCH_MAX)
      try {
        await inTenant(this.#deps.db, this.#tenantId, (tx) => recordOutcomes(tx, batch))
        this.#queue = this.#queue.slice(batch.length)
        retryMs = FIRST_RETRY_MS
        this.#onWritten(batch.length)
      } catch (error) {
        this.#deps.log.error(
          { tenantId: this.#tenantId, err: error, waiting: this.#queue.length },
          'outcomes could not be written; trying again',
        )
        await systemClock.sleep(retryMs)
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
      }
    }
    this.#writing = null
  }
}

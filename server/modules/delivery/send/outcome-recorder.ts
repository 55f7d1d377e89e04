import { systemClock } from '#server/base/clock.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { type SendOutcome, recordOutcomes } from '../outcome/record-outcomes.ts'
import type { LaneDeps } from './lane-deps.ts'

const BATCH_MAX = 250
/** With so many outcomes unwritten (the database is slow or gone) no new send may start. */
const BEHIND_AT = 1_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2_000

/**
 * Writes outcomes in batches, one transaction at a time: what arrives during one is written by the next. While the
 * database is away outcomes are kept and tried again; they are lost only with the process, and then count as unknown.
 */
export class OutcomeRecorder {
  readonly #deps: LaneDeps
  readonly #account: TelegramAccount
  readonly #onProgress: () => void
  #queue: SendOutcome[] = []
  #writing: Promise<void> | null = null

  constructor(deps: LaneDeps, account: TelegramAccount, onProgress: () => void) {
    this.#deps = deps
    this.#account = account
    this.#onProgress = onProgress
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
    // One turn of the event loop lets the outcomes of the same instant come together.
    await new Promise((resolve) => setImmediate(resolve))
    let retryMs = FIRST_RETRY_MS
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH_MAX)
      try {
        await inTenant(this.#deps.db, this.#account.tenantId, (tx) =>
          recordOutcomes(tx, this.#account.accountId, batch),
        )
        this.#queue = this.#queue.slice(batch.length)
        retryMs = FIRST_RETRY_MS
        this.#onProgress()
      } catch (error) {
        const { tenantId, accountId } = this.#account
        this.#deps.log.error(
          { tenantId, accountId, err: error, waiting: this.#queue.length },
          'outcomes could not be written; trying again',
        )
        await systemClock.sleep(retryMs)
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
      }
    }
    this.#writing = null
  }
}

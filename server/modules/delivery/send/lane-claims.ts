import { inTenant } from '#server/db/tenant-scope.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { REPLY_PRIORITY, type ReservedDelivery } from '../delivery.rules.ts'
import { findNextDueAt } from '../guard/guard.store.ts'
import { type Reservation, reserveSlots } from '../guard/reserve-slots.ts'
import { closeOrphanedAttempts, lockAccount } from '../outcome/outcome.store.ts'
import { recordOutcomes } from '../outcome/record-outcomes.ts'
import type { LaneDeps } from './lane-deps.ts'

/**
 * What a lane asks of the database. Knows which claims were lost on their way: a connection cut during a commit leaves
 * open whether it happened, and the deliveries of such a claim have provably not been sent.
 */
export class LaneClaims {
  readonly #deps: LaneDeps
  readonly #account: TelegramAccount
  #unheard: ReservedDelivery[] = []

  constructor(deps: LaneDeps, account: TelegramAccount) {
    this.#deps = deps
    this.#account = account
  }

  /** Lists as unknown what a former owner had under way. Returns how many. */
  async recover(): Promise<number> {
    const { db, clock } = this.#deps
    const { tenantId, accountId } = this.#account
    const doubtful = await inTenant(db, tenantId, async (tx) => {
      await lockAccount(tx, accountId)
      return closeOrphanedAttempts(tx, accountId, clock.now())
    })
    return doubtful.length
  }

  /** Asks the guard for up to `limit` deliveries that may leave now. */
  async claim(limit: number, now: number, repliesOnly: boolean): Promise<Reservation> {
    await this.#giveBackUnheard(now)
    const { tenantId, accountId } = this.#account
    const minPriority = repliesOnly ? REPLY_PRIORITY : 0
    let decided: Reservation | null = null
    try {
      return await inTenant(this.#deps.db, tenantId, async (tx) => {
        decided = await reserveSlots(tx, { accountId, now, limit, minPriority })
        return decided
      })
    } catch (error) {
      this.#unheard.push(...((decided as Reservation | null)?.reserved ?? []))
      throw error
    }
  }

  /** When the next waiting delivery is due; Infinity when none waits. */
  async nextDueAt(): Promise<number> {
    const { tenantId, accountId } = this.#account
    const dueAt = await inTenant(this.#deps.db, tenantId, (tx) => findNextDueAt(tx, accountId))
    return dueAt ?? Number.POSITIVE_INFINITY
  }

  async #giveBackUnheard(now: number): Promise<void> {
    if (this.#unheard.length === 0) return
    const { tenantId, accountId } = this.#account
    const outcomes = this.#unheard.map((delivery) => ({ delivery, result: NEVER_LEFT, at: now }))
    await inTenant(this.#deps.db, tenantId, async (tx) => {
      await lockAccount(tx, accountId)
      await recordOutcomes(tx, outcomes)
    })
    this.#unheard = []
  }
}

const NEVER_LEFT = { kind: 'retry', afterMs: 0, scope: 'chat', reason: 'aborted_before_leaving' } as const

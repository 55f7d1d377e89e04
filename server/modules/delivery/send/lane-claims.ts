import { inTenant } from '#server/db/tenant-scope.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { REPLY_PRIORITY, type ReservedDelivery } from '../delivery.rules.ts'
import { findNextDueAt } from '../guard/guard.store.ts'
import { reserveRepeats } from '../guard/reserve-repeats.ts'
import { type NumberSend, type Reservation, reserveSlots } from '../guard/reserve-slots.ts'
import { closeOrphanedAttempts, lockAccount } from '../outcome/outcome.store.ts'
import { recordOutcomes } from '../outcome/record-outcomes.ts'
import type { LaneDeps } from './lane-deps.ts'
import { numberSends } from './random-id.rules.ts'

/** What the guard gave, and when the next waiting delivery is due where it was asked for all and gave fewer. */
export interface Claim extends Reservation {
  readonly nextDueAt: number
}

/**
 * What a lane asks of the database. Knows which claims were lost on their way: a connection cut during a commit leaves
 * open whether it happened, and the deliveries of such a claim have provably not been sent.
 */
export class LaneClaims {
  readonly #deps: LaneDeps
  readonly #account: TelegramAccount
  #unheard: ReservedDelivery[] = []
  #randomIdOf: NumberSend | null = null

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

  /** Asks the guard for up to `limit` deliveries that may leave now; of a user account, also for what to repeat. */
  async claim(limit: number, now: number, repliesOnly: boolean): Promise<Claim> {
    await this.#giveBackUnheard(now)
    const { tenantId, accountId } = this.#account
    const input = { accountId, now, limit, minPriority: repliesOnly ? REPLY_PRIORITY : 0 }
    const numbering = await this.#numbering()
    let decided: Reservation | null = null
    try {
      return await inTenant(this.#deps.db, tenantId, async (tx) => {
        const reservation = await reserveSlots(tx, { ...input, ...numbering })
        const repeats = numbering && !repliesOnly ? await reserveRepeats(tx, input) : []
        decided = { ...reservation, reserved: [...repeats, ...reservation.reserved] }
        const isAll = !repliesOnly && reservation.blockedUntil === null && reservation.claimed < limit
        const nextDueAt = isAll ? await findNextDueAt(tx, accountId) : null
        return { ...decided, nextDueAt: nextDueAt ?? Number.POSITIVE_INFINITY }
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

  /** Only user accounts number their sends. */
  async #numbering(): Promise<{ readonly randomIdOf: NumberSend } | null> {
    if (this.#account.kind !== 'user') return null
    const { sendKeyOf } = this.#deps
    if (!sendKeyOf) throw new Error('a user account needs the key that its sends are numbered with')
    this.#randomIdOf ??= numberSends(await sendKeyOf(this.#account.tenantId))
    return { randomIdOf: this.#randomIdOf }
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

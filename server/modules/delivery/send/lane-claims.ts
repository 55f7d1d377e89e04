import { inTenant } from '#server/db/tenant-scope.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { REPLY_PRIORITY, type ReservedDelivery } from '../delivery.rules.ts'
import { findNextDueAts } from '../guard/claim.store.ts'
import type { NumberSend } from '../guard/reserve-slots.ts'
import { closeOrphanedAttempts, lockAccount } from '../outcome/outcome.store.ts'
import { recordOutcomes } from '../outcome/record-outcomes.ts'
import type { LaneDeps } from './lane-deps.ts'
import { numberSends } from './random-id.rules.ts'
import { type Claim, TenantClaims } from './tenant-claims.ts'

/**
 * What a lane asks of the database. Knows which claims were lost on their way: a connection cut during a commit leaves
 * open whether it happened, and the deliveries of such a claim have provably not been sent.
 */
export class LaneClaims {
  readonly #deps: LaneDeps
  readonly #account: TelegramAccount
  readonly #together: TenantClaims
  /** A lane that has much to claim, or whose claim failed, holds up no other: it claims by itself. */
  #claimsAlone = false
  #unheard: ReservedDelivery[] = []
  #randomIdOf: NumberSend | null = null

  /** `together` is shared with the other lanes of the tenant in this process. */
  constructor(deps: LaneDeps, account: TelegramAccount, together = new TenantClaims(deps, account.tenantId)) {
    this.#deps = deps
    this.#account = account
    this.#together = together
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
    const numbering = await this.#numbering()
    const wish = {
      accountId: this.#account.accountId,
      limit,
      minPriority: repliesOnly ? REPLY_PRIORITY : 0,
      isForAll: !repliesOnly,
      repeats: numbering !== null && !repliesOnly,
      ...numbering,
    }
    const isAlone = this.#claimsAlone || numbering !== null
    const end = await (isAlone ? this.#together.claimAlone(wish) : this.#together.claimTogether(wish))
    this.#claimsAlone = 'error' in end || end.claimed === limit
    if (!('error' in end)) return end
    this.#unheard.push(...end.unheard)
    throw end.error
  }

  /** When the next waiting delivery is due; Infinity when none waits. */
  async nextDueAt(): Promise<number> {
    const { tenantId, accountId } = this.#account
    const dueAt = await inTenant(this.#deps.db, tenantId, (tx) => findNextDueAts(tx, [accountId]))
    return dueAt.get(accountId) ?? Number.POSITIVE_INFINITY
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

import { GatheredCalls } from '#server/base/gathered-calls.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'

import type { ReservedDelivery } from '../delivery.rules.ts'
import { findNextDueAts } from '../guard/claim.store.ts'
import { reserveRepeats } from '../guard/reserve-repeats.ts'
import { type Reservation, type ReserveWish, reserveAllSlots } from '../guard/reserve-slots.ts'
import type { LaneDeps } from './lane-deps.ts'

/** What the guard gave, and when the next waiting delivery is due where it was asked for all and gave fewer. */
export interface Claim extends Reservation {
  readonly nextDueAt: number
}

export interface ClaimWish extends ReserveWish {
  /** Whether less than asked for means that nothing else is due: then it is also looked when something will be. */
  readonly isForAll: boolean
  /** Also what is in doubt is taken up again. */
  readonly repeats: boolean
}

/** A claim, or why there is none and what the guard had given before it failed: whether that was committed is open. */
export type ClaimEnd = Claim | { readonly error: unknown; readonly unheard: readonly ReservedDelivery[] }

const ACCOUNTS_AT_ONCE = 100

/**
 * What the sending lanes of a tenant ask the guard: while one transaction runs, what other accounts ask for comes
 * together for the next.
 */
export class TenantClaims {
  readonly #deps: Pick<LaneDeps, 'db' | 'clock'>
  readonly #tenantId: number
  readonly #together: GatheredCalls<null, ClaimWish, ClaimEnd>

  constructor(deps: Pick<LaneDeps, 'db' | 'clock'>, tenantId: number) {
    this.#deps = deps
    this.#tenantId = tenantId
    this.#together = new GatheredCalls((_, wishes) => this.#claim(wishes), ACCOUNTS_AT_ONCE)
  }

  /** Claims for one account, maybe in one transaction with others. */
  claimTogether(wish: ClaimWish): Promise<ClaimEnd> {
    return this.#together.call(null, wish)
  }

  /** Claims in a transaction of its own, beside whatever others do. */
  async claimAlone(wish: ClaimWish): Promise<ClaimEnd> {
    const [end] = await this.#claim([wish])
    if (!end) throw new Error('a claim came to no end')
    return end
  }

  async #claim(wishes: readonly ClaimWish[]): Promise<readonly ClaimEnd[]> {
    let decided: readonly Reservation[] = []
    try {
      return await inTenant(this.#deps.db, this.#tenantId, async (tx) => {
        const now = this.#deps.clock.now()
        decided = await withRepeats(tx, wishes, await reserveAllSlots(tx, wishes, now), now)
        const nextDueAt = await findNextDueAts(
          tx,
          wishes.filter((wish, i) => isEmptied(wish, decided[i])).map(({ accountId }) => accountId),
        )
        return wishes.map((wish, i) => ({
          ...(decided[i] as Reservation),
          nextDueAt: nextDueAt.get(wish.accountId) ?? Number.POSITIVE_INFINITY,
        }))
      })
    } catch (error) {
      return wishes.map((_, i) => ({ error, unheard: decided[i]?.reserved ?? [] }))
    }
  }
}

const isEmptied = ({ isForAll, limit }: ClaimWish, decided: Reservation | undefined): boolean =>
  isForAll && decided !== undefined && decided.blockedUntil === null && decided.claimed < limit

const withRepeats = async (
  tx: TenantTx,
  wishes: readonly ClaimWish[],
  decided: readonly Reservation[],
  now: number,
): Promise<readonly Reservation[]> => {
  const all: Reservation[] = []
  for (const [i, reservation] of decided.entries()) {
    const wish = wishes[i]
    const repeats = wish?.repeats === true ? await reserveRepeats(tx, wish, now) : []
    all.push({ ...reservation, reserved: [...repeats, ...reservation.reserved] })
  }
  return all
}

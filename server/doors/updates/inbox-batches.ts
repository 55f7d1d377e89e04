import { GatheredCalls } from '#server/base/gathered-calls.ts'
import type { Turns } from '#server/base/turns.ts'
import { type Lease, requireLeases } from '#server/db/lease.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type InboxLook, type InboxUpdate, readWaiting } from '#server/modules/accounts/index.ts'

import { type ApplyOptions, type CallbackAnswer, applyUpdates, endsBatch } from './apply-updates.ts'

/** Updates of one account that are to be applied, all or none of them. */
export interface InboxPart {
  readonly updates: readonly InboxUpdate[]
  /** Without it this process may not work the account; null where nobody else could. */
  readonly lease: Lease | null
}

export interface BatchDeps extends Pick<ApplyOptions, 'translator'> {
  readonly db: Db
  readonly now: () => number
}

type Applied = { readonly answers: readonly CallbackAnswer[] } | { readonly error: unknown }

const ACCOUNTS_READ_MAX = 200
/** More in one transaction would let the first of them wait for the last; what is more by itself shares with nobody. */
const TOGETHER_MAX = 200
const SHARED_MAX = 100

/**
 * What the inbox lanes of a process ask of the database, that of one moment together: one read for all accounts, and one
 * transaction for what a tenant's accounts have to apply, since a transaction costs much the same whatever is in it.
 */
export class InboxBatches {
  readonly #deps: BatchDeps
  readonly #turns: Turns | null
  readonly #reads: GatheredCalls<null, InboxLook, readonly InboxUpdate[]>
  readonly #applies: GatheredCalls<number, InboxPart, Applied>

  /** With `turns`, so many transactions at once: while the others wait, more comes together for each. */
  constructor(deps: BatchDeps, turns: Turns | null = null) {
    this.#deps = deps
    this.#turns = turns
    this.#reads = new GatheredCalls((_, looks) => readWaiting(deps.db, looks), ACCOUNTS_READ_MAX)
    this.#applies = new GatheredCalls((tenantId, parts) => this.#applyInTurn(tenantId, parts), ACCOUNTS_READ_MAX)
  }

  /** The oldest waiting updates of an account, in order. */
  read(look: InboxLook): Promise<readonly InboxUpdate[]> {
    return this.#reads.call(null, look)
  }

  /** Applies a part in one transaction, maybe with others. Rejects with what keeps this part from being applied. */
  async apply(tenantId: number, part: InboxPart): Promise<readonly CallbackAnswer[]> {
    const applied =
      part.updates.length > SHARED_MAX
        ? (await this.#applyInTurn(tenantId, [part]))[0]
        : await this.#applies.call(tenantId, part)
    if (!applied) return []
    if ('error' in applied) throw applied.error
    return applied.answers
  }

  async #applyInTurn(tenantId: number, parts: readonly InboxPart[]): Promise<readonly Applied[]> {
    const applied = new Map<InboxPart, Applied>()
    const apply = async () => {
      for (const together of inPortions(parts)) await this.#applyTogether(tenantId, together, applied)
    }
    await (this.#turns ? this.#turns.take(apply) : apply())
    return parts.map((part) => applied.get(part) ?? { answers: [] })
  }

  /** What one account cannot apply must not keep back the others: where all fail, each is tried alone. */
  async #applyTogether(tenantId: number, parts: readonly InboxPart[], applied: Map<InboxPart, Applied>): Promise<void> {
    try {
      const answers = await this.#commit(tenantId, parts)
      for (const part of parts) {
        const accountId = part.updates[0]?.accountId
        applied.set(part, { answers: answers.filter((answer) => answer.accountId === accountId) })
      }
    } catch (error) {
      if (parts.length > 1) for (const part of parts) await this.#applyTogether(tenantId, [part], applied)
      else for (const part of parts) applied.set(part, { error })
    }
  }

  #commit(tenantId: number, parts: readonly InboxPart[]): Promise<readonly CallbackAnswer[]> {
    const { db, translator, now } = this.#deps
    const apply = async (tx: TenantTx) => {
      await requireLeases(
        tx,
        parts.flatMap(({ lease }) => lease ?? []),
      )
      const updates = parts.flatMap((part) => part.updates)
      return applyUpdates(tx, updates, { now: now(), translator })
    }
    // The updates themselves are on the disk.
    return inTenant(db, tenantId, apply, 'relaxed')
  }
}

/** An erasure would sweep up what the same person said to another account, so nothing is applied with one. */
const isAlone = ({ updates }: InboxPart): boolean => updates.some(endsBatch)

const inPortions = (parts: readonly InboxPart[]): readonly (readonly InboxPart[])[] => {
  const portions: InboxPart[][] = []
  let open: InboxPart[] = []
  let count = 0
  for (const part of parts) {
    if (open.length > 0 && (isAlone(part) || count + part.updates.length > TOGETHER_MAX)) open = []
    if (open.length === 0) {
      portions.push(open)
      count = 0
    }
    open.push(part)
    count += part.updates.length
    if (isAlone(part)) open = []
  }
  return portions
}

import { systemClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { GatheredCalls } from '#server/base/gathered-calls.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import type { AnswerDeps } from './answer-deps.ts'
import { ATTEMPTS_MAX } from './answer-verdict.rules.ts'
import { createComposer } from './compose-answer.ts'
import { type Finished, finishTurns } from './finish-turns.ts'
import { type GatheredTurn, gatherTurns } from './gather-turns.ts'
import type { TurnResult } from './turn-result.rules.ts'
import { type Turn, planTurn } from './turn.rules.ts'
import { claimTurns, findNextTurnAt, renewTurns } from './turn.store.ts'

export interface AnswerLaneOptions {
  /** Turns worked on at once, most of them waiting for a model. */
  readonly atOnce: number
  /** An answer waits so long for a next message, in the domain's time: several messages in a row get one. */
  readonly debounceMs: number
  /** Real time after which the turns of a process that died are anybody's. */
  readonly leaseMs?: number
  /** Tenants whose turns this process leaves alone. */
  readonly ignoredTenants?: ReadonlySet<number>
}

const LEASE_MS = 20 * SECOND_MS
/** Nothing woke the lane for so long: it looks for itself. */
const LOOK_EVERY_MS = SECOND_MS
const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5_000
const CLAIM_MAX = 64
/** One tenant's slow model must not hold up everybody else's answers. */
const TENANT_SHARE = 0.75
/** Claimed so often beyond the tries of its model, a turn is for a person. */
const CLAIMS_MAX = ATTEMPTS_MAX + 3

/**
 * Answers what is owed, of all tenants: claims turns, reads what they need, asks models with no transaction open, and
 * writes what still holds by then. A process that dies in between leaves turns that another claims after their lease; what
 * was written once is not written again, since each turn has one key.
 */
export class AnswerLane {
  readonly #deps: AnswerDeps
  readonly #options: AnswerLaneOptions
  readonly #compose: ReturnType<typeof createComposer>
  readonly #finish: GatheredCalls<number, Finished, null>
  readonly #working = new Map<Turn, Promise<void>>()
  #wakeUp = new AbortController()
  /** In the domain's time: up to then nothing can be due that is not known. */
  #restsUntil = Number.NEGATIVE_INFINITY

  constructor(deps: AnswerDeps, options: AnswerLaneOptions) {
    this.#deps = deps
    this.#options = options
    this.#compose = createComposer(deps)
    this.#finish = new GatheredCalls(async (tenantId, finished) => {
      await this.#write(tenantId, finished)
      return finished.map(() => null)
    }, CLAIM_MAX)
  }

  /** Somebody is owed an answer. */
  wake(): void {
    // A turn that is new now is due after the debounce, and the lane looks before that.
    const now = this.#deps.clock.now()
    if (this.#restsUntil > now && this.#restsUntil <= now + this.#options.debounceMs) return
    this.#wakeUp.abort()
  }

  /** Works until `signal` aborts, then finishes what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => this.#wakeUp.abort()
    signal.addEventListener('abort', stop, { once: true })
    const renewing = this.#keepRenewing(signal)
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      this.#wakeUp = new AbortController()
      try {
        const waitMs = await this.#step()
        retryMs = FIRST_RETRY_MS
        if (waitMs > 0 && !signal.aborted) await systemClock.sleep(waitMs, this.#wakeUp.signal)
      } catch (error) {
        this.#deps.log.error({ err: error }, 'turns could not be claimed; trying again')
        await systemClock.sleep(retryMs, signal)
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
      }
    }
    await Promise.all(this.#working.values())
    await renewing
    signal.removeEventListener('abort', stop)
  }

  /** Answers everything that is due now, and waits for it. For tests and rehearsals. */
  async drain(): Promise<void> {
    do {
      await Promise.all(this.#working.values())
    } while ((await this.#claim()) > 0)
  }

  /** One round; returns how long to wait before the next, in real ms. */
  async #step(): Promise<number> {
    this.#restsUntil = Number.NEGATIVE_INFINITY
    if (this.#options.atOnce <= this.#working.size) return LOOK_EVERY_MS
    if ((await this.#claim()) > 0) return 0
    const { db, clock } = this.#deps
    const nextAt = await findNextTurnAt(db, systemClock.now())
    if (nextAt === null) return LOOK_EVERY_MS
    this.#restsUntil = nextAt + this.#options.debounceMs
    return Math.min(Math.max(1, this.#restsUntil - clock.now()), LOOK_EVERY_MS)
  }

  /** Begins work on due turns, and returns on how many. */
  async #claim(): Promise<number> {
    const { db, clock } = this.#deps
    const { atOnce, debounceMs, leaseMs = LEASE_MS, ignoredTenants = [] } = this.#options
    const turns = await claimTurns(db, {
      dueUntil: clock.now() - debounceMs,
      limit: Math.min(CLAIM_MAX, atOnce - this.#working.size),
      realNow: systemClock.now(),
      leaseMs,
      except: [...ignoredTenants, ...this.#busyTenants()],
    })
    for (const [tenantId, group] of Map.groupBy(turns, (turn) => turn.tenantId)) this.#begin(tenantId, group)
    return turns.length
  }

  #busyTenants(): readonly number[] {
    const max = Math.max(1, Math.floor(this.#options.atOnce * TENANT_SHARE))
    const byTenant = Map.groupBy(this.#working.keys(), (turn) => turn.tenantId)
    return [...byTenant].filter(([, turns]) => turns.length >= max).map(([tenantId]) => tenantId)
  }

  #begin(tenantId: number, turns: readonly Turn[]): void {
    const gather = (tx: TenantTx) => gatherTurns(tx, turns, this.#deps.clock.now())
    const gathered = inTenant(this.#deps.db, tenantId, gather, 'relaxed')
    for (const turn of turns) {
      const work = this.#work(turn, gathered)
        .catch((error: unknown) =>
          this.#deps.log.error({ tenantId, turnId: turn.id, err: error }, 'a turn broke; it is tried again'),
        )
        .finally(() => {
          const wasFull = this.#working.size >= this.#options.atOnce
          this.#working.delete(turn)
          if (wasFull) this.#wakeUp.abort()
        })
      this.#working.set(turn, work)
    }
  }

  async #work(turn: Turn, gathering: Promise<readonly GatheredTurn[]>): Promise<void> {
    const gathered = (await gathering).find(({ facts }) => facts.turn.id === turn.id)
    // Gone with its conversation.
    if (!gathered) return
    const finished = { gathered, result: await this.#resultOf(gathered) }
    try {
      await this.#finish.call(turn.tenantId, finished)
    } catch {
      // One turn of the batch broke it, or two batches met: each is tried alone.
      await this.#write(turn.tenantId, [finished])
    }
  }

  #write(tenantId: number, finished: readonly Finished[]): Promise<void> {
    const { db, translator, clock } = this.#deps
    const finish = (tx: TenantTx) => finishTurns(tx, finished, { translator, now: clock.now() })
    // A turn that is taken back is answered again: nothing of it has left yet.
    return inTenant(db, tenantId, finish, 'relaxed')
  }

  async #resultOf(gathered: GatheredTurn): Promise<TurnResult> {
    const { facts, context, voice, locale } = gathered
    const { turn, mode } = facts
    const plan = planTurn(facts, this.#deps.clock.now())
    switch (plan.kind) {
      case 'close':
        return { kind: 'close', turn, outcome: plan.outcome }
      case 'hand_over':
        return { kind: 'hand_over', turn, reason: plan.reason }
      case 'ask_consent':
        return { kind: 'ask_consent', turn }
      case 'say_nature': {
        const html = this.#deps.translator(locale)('ai.nature', { sender: escapeText(voice.senderName) })
        return { kind: 'send', turn, html, hash: null, isDisclosing: true, confidenceRatio: null }
      }
      case 'ask_model':
        if (turn.attempts > CLAIMS_MAX) return { kind: 'hand_over', turn, reason: 'model_unavailable' }
        if (mode === 'ai' && context.telegramId !== null) this.#deps.preview?.(turn.accountId, context.telegramId)
        return this.#compose(gathered)
      default:
        return plan satisfies never
    }
  }

  /** What takes long stays ours. */
  async #keepRenewing(signal: AbortSignal): Promise<void> {
    const { leaseMs = LEASE_MS } = this.#options
    while (!signal.aborted || this.#working.size > 0) {
      await systemClock.sleep(signal.aborted ? 50 : leaseMs / 3, signal.aborted ? undefined : signal)
      try {
        await renewTurns(this.#deps.db, [...this.#working.keys()], systemClock.now() + leaseMs)
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'turns under way could not be kept')
      }
    }
  }
}

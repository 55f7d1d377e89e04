import type { Clock } from '#server/base/clock.ts'
import { GatheredCalls } from '#server/base/gathered-calls.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { TokenUsage } from '#server/gateways/llm/language-model.ts'

import { type AskedQuestion, type Passage, useOf } from './admit-questions.ts'
import { type MeterEnd, settleQuestion } from './meter.rules.ts'
import { findGate, keepAnswers, saveMeter } from './model.store.ts'
import { ANSWER_KEPT_MS, type ModelOutcome, type ModelUse } from './use.rules.ts'

/** How a question that was admitted ended. */
export interface Settlement {
  readonly asked: AskedQuestion
  readonly passage: Passage & { readonly kind: 'admitted' }
  readonly outcome: ModelOutcome
  readonly usage: TokenUsage
  readonly endpoint: MeterEnd['endpoint']
  readonly afterMs: number | null
  readonly latencyMs: number
  readonly format: string | null
  /** The answer as it may be given again, names hidden; undefined when it may not. */
  readonly kept: unknown
}

const AT_ONCE_MAX = 200

/**
 * Settles questions: one transaction for all of a tenant that ended meanwhile. Writes the ledger of use, of which a crash
 * of the database may take its last instant back; the meter's row is everybody's, so nobody waits for the disk with it.
 */
export const createSettlement = (deps: {
  readonly db: Db
  readonly clock: Clock
}): GatheredCalls<number, Settlement, undefined> =>
  new GatheredCalls(async (tenantId, settlements) => {
    await inTenant(deps.db, tenantId, (tx) => settleAll(tx, settlements, deps.clock.now()), 'relaxed')
    return settlements.map(() => undefined)
  }, AT_ONCE_MAX)

const settleAll = async (tx: TenantTx, settlements: readonly Settlement[], now: number): Promise<void> => {
  const answers = settlements.flatMap(({ asked, passage, kept }) =>
    passage.keepAs === null || kept === undefined
      ? []
      : [
          {
            key: passage.keepAs,
            contactIds: asked.question.contactIds,
            value: kept,
            createdAt: now,
            expiresAt: now + ANSWER_KEPT_MS,
          },
        ],
  )
  await keepAnswers(tx, answers)
  const gate = await findGate(tx, 'locked')
  // The tenant is gone, and its meter with it.
  if (!gate) return
  let { meter } = gate
  const uses: ModelUse[] = []
  for (const { asked, passage, outcome, usage, endpoint, afterMs, latencyMs, format } of settlements) {
    const isOfThisSetting = passage.settingVersion === gate.setting.version
    const tokens = usage.input + usage.output
    const health = isOfThisSetting ? endpoint : 'unknown'
    meter = settleQuestion(meter, { admission: passage.admission, tokens, endpoint: health, afterMs }, now)
    const where = { model: passage.endpoint.model, isOwn: passage.isOwn, at: now }
    const used = { inputTokens: usage.input, outputTokens: usage.output, latencyMs, format, outcome }
    uses.push(useOf(asked, where, used))
  }
  await saveMeter(tx, meter, uses)
}

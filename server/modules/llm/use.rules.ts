import { createHash } from 'node:crypto'

import type { ModelEnding, ModelPurpose } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

/** How a question ended, as the ledger says it. */
export type ModelOutcome = ModelEnding

/** One line of the ledger; never a text. */
export interface ModelUse {
  readonly at: number
  readonly purpose: ModelPurpose
  readonly prompt: string
  readonly promptVersion: number
  readonly model: string
  readonly isOwn: boolean
  readonly outcome: ModelOutcome
  readonly format: string | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly latencyMs: number
  readonly contactId: number | null
}

/** The same question within a day is the same answer. */
export const ANSWER_KEPT_MS = DAY_MS
/** A longer answer is not kept. */
export const KEPT_ANSWER_BYTES_MAX = 64 * 1024

/** What makes two answers one. A change of any of these is another question. */
export interface AnswerIdentity {
  readonly tenantId: number
  readonly endpoint: string
  readonly model: string
  readonly prompt: string
  readonly promptVersion: number
  readonly shape: string
  readonly contactIds: readonly number[]
  /** What was hidden, so that nobody else's number is put where this one's was. */
  readonly legend: string
  readonly cacheKey: string
}

/** The key an answer is kept under: SHA-256 over everything that makes it this one's. */
export const answerKey = (identity: AnswerIdentity): Buffer => {
  const { tenantId, endpoint, model, prompt, promptVersion, shape, contactIds, legend, cacheKey } = identity
  const parts = [
    tenantId,
    endpoint,
    model,
    prompt,
    promptVersion,
    shape,
    contactIds.toSorted((a, b) => a - b),
    legend,
    cacheKey,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}

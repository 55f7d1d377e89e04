import type { Clock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { mostTokens } from '#server/gateways/llm/estimate-tokens.ts'
import type {
  LanguageModel,
  ModelEndpoint,
  ModelMessage,
  ModelResult,
  TokenUsage,
} from '#server/gateways/llm/language-model.ts'

import { type AdmitDeps, type AskedQuestion, type Passage, createAdmission } from './admit-questions.ts'
import { createPseudonyms } from './pseudonym.rules.ts'
import type { AskModel, ModelAnswer, ModelQuestion } from './question.rules.ts'
import { createSettlement } from './settle-questions.ts'
import { KEPT_ANSWER_BYTES_MAX, type ModelOutcome } from './use.rules.ts'

export interface AskModelDeps {
  readonly db: Db
  readonly box: SecretBox
  readonly clock: Clock
  readonly model: LanguageModel
  /** The endpoint that tenants may use within their package; null where there is none. */
  readonly installation: ModelEndpoint | null
}

const TIMEOUT_MS = 20 * SECOND_MS

/**
 * Asks the model of a tenant: two small transactions around the call, shared by the questions of an instant. The first
 * holds consent, rest, rate and the most that the answer can cost; the second gives back what it did not.
 */
export const createAskModel = (deps: AskModelDeps): AskModel => {
  const admit = createAdmission(deps satisfies AdmitDeps)
  const settle = createSettlement(deps)
  return async (question) => {
    const { tenantId, shape, outputTokensMax } = question
    const names = createPseudonyms(question.secrets ?? [])
    const messages: readonly ModelMessage[] = [
      { role: 'system', content: names.hide(question.prompt.system) },
      ...question.messages.map(({ role, content }) => ({ role, content: names.hide(content) })),
    ]
    const timeoutMs = question.timeoutMs ?? TIMEOUT_MS
    const tokensMax = mostTokens({ messages, shape, outputTokensMax })
    const asked: AskedQuestion = { question, tokens: tokensMax, timeoutMs, legend: names.legend() }
    const passage = await admit.call(tenantId, asked)
    if (passage.kind === 'refused') return unanswered(passage.reason, passage.retryAfterMs)
    if (passage.kind === 'kept') return answered(question, names.restore(passage.value) as never, passage.model)
    const startedAt = deps.clock.now()
    const temperature = question.cacheKey === undefined ? {} : { temperature: 0 }
    const signal = question.signal ? { signal: question.signal } : {}
    const request = { messages, shape, outputTokensMax, timeoutMs, tokensMax, ...temperature, ...signal }
    const result = await deps.model.ask(passage.endpoint, request)
    await settle.call(tenantId, {
      asked,
      passage,
      ...settlementOf(result, { passage, tokensMax, isCancelled: question.signal?.aborted === true }),
      latencyMs: Math.round(deps.clock.now() - startedAt),
      format: result.kind === 'answered' ? result.format : null,
      kept: result.kind === 'answered' ? keepable(result.value) : undefined,
    })
    if (result.kind === 'answered') return answered(question, names.restore(result.value), passage.endpoint.model)
    const { reason, retryAfterMs } = refusalOf(result)
    return unanswered(reason, retryAfterMs)
  }
}

const answered = <T>(question: ModelQuestion<T>, value: T, model: string): ModelAnswer<T> => ({
  kind: 'answered',
  value,
  model,
  promptVersion: question.prompt.version,
})

type Unanswered = ModelAnswer<never> & { readonly kind: 'unanswered' }

const unanswered = (reason: Unanswered['reason'], retryAfterMs: number | null): Unanswered => ({
  kind: 'unanswered',
  reason,
  retryAfterMs,
})

const refusalOf = (result: Exclude<ModelResult<unknown>, { kind: 'answered' }>): Omit<Unanswered, 'kind'> =>
  result.kind === 'rate_limited'
    ? { reason: 'rate_limited', retryAfterMs: result.afterMs }
    : { reason: result.kind, retryAfterMs: null }

const keepable = (value: unknown): unknown => {
  const text = JSON.stringify(value) ?? ''
  return text !== '' && Buffer.byteLength(text) <= KEPT_ANSWER_BYTES_MAX ? value : undefined
}

interface Ending {
  readonly outcome: ModelOutcome
  readonly usage: TokenUsage
  readonly endpoint: 'works' | 'fails' | 'limits' | 'unknown'
  readonly afterMs: number | null
}

const NOTHING: TokenUsage = { input: 0, output: 0 }

/** What an ending costs and says about the endpoint. Nobody knows what a server did that never answered: all of it. */
const settlementOf = (
  result: ModelResult<unknown>,
  {
    tokensMax,
    isCancelled,
    passage,
  }: { tokensMax: number; isCancelled: boolean; passage: Passage & { kind: 'admitted' } },
): Ending => {
  const heldOutput = Math.min(passage.outputTokensMax, tokensMax)
  const held = { input: tokensMax - heldOutput, output: heldOutput }
  switch (result.kind) {
    case 'answered':
    case 'refused':
    case 'unusable':
      return { outcome: result.kind, usage: result.usage, endpoint: 'works', afterMs: null }
    case 'rate_limited':
      return { outcome: 'rate_limited', usage: NOTHING, endpoint: 'limits', afterMs: result.afterMs }
    case 'timeout':
      return isCancelled
        ? { outcome: 'cancelled', usage: held, endpoint: 'unknown', afterMs: null }
        : { outcome: 'timeout', usage: held, endpoint: 'fails', afterMs: null }
    case 'unreachable':
    case 'rejected':
      return { outcome: result.kind, usage: NOTHING, endpoint: 'fails', afterMs: null }
  }
}

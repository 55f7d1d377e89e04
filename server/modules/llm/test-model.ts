import type { AnswerFormat, LanguageModel } from '#server/gateways/llm/language-model.ts'
import { requireCan } from '#server/modules/tenancy/index.ts'

import { type AskModelDeps, createAskModel } from './ask-model.ts'
import { TEST_PROMPT, TEST_SUM, testAnswerSchema } from './prompts/test-prompt.rules.ts'
import type { ModelAnswer } from './question.rules.ts'
import type { ModelActor } from './set-model.ts'

/** How a tenant's model did on one real question. */
export interface ModelTest {
  readonly answer: ModelAnswer<{ readonly text: string; readonly isRight: boolean }>
  /** Of the model's answer; null when it was not asked. */
  readonly latencyMs: number | null
  readonly format: AnswerFormat | null
  readonly inputTokens: number
  readonly outputTokens: number
  /** What a server or the way to it said, for one that did not answer: a short code. */
  readonly cause: string | null
}

const OUTPUT_TOKENS_MAX = 200

/**
 * Puts one real question, about nobody, to the tenant's model: through its budget, its rate and its rest, into its
 * ledger. Errors: `forbidden`.
 */
export const testModel = async (deps: AskModelDeps, tenantId: number, actor: ModelActor): Promise<ModelTest> => {
  requireCan(actor.access, 'settings.edit')
  const seen = { latencyMs: null, format: null, inputTokens: 0, outputTokens: 0, cause: null } as {
    -readonly [K in Exclude<keyof ModelTest, 'answer'>]: ModelTest[K]
  }
  const model: LanguageModel = {
    async ask(endpoint, request) {
      const startedAt = deps.clock.now()
      const result = await deps.model.ask(endpoint, request)
      seen.latencyMs = Math.round(deps.clock.now() - startedAt)
      if ('usage' in result) [seen.inputTokens, seen.outputTokens] = [result.usage.input, result.usage.output]
      if (result.kind === 'answered') seen.format = result.format
      if ('cause' in result) seen.cause = result.cause
      return result
    },
  }
  const answer = await createAskModel({ ...deps, model })({
    tenantId,
    purpose: 'assist',
    contactIds: [],
    prompt: { name: TEST_PROMPT.name, version: TEST_PROMPT.version, system: TEST_PROMPT.text },
    messages: [{ role: 'user', content: TEST_SUM.question }],
    shape: { name: TEST_PROMPT.shape, schema: testAnswerSchema },
    outputTokensMax: OUTPUT_TOKENS_MAX,
  })
  if (answer.kind === 'unanswered') return { answer, ...seen }
  const value = { text: answer.value.text, isRight: answer.value.sum === TEST_SUM.sum }
  return { answer: { ...answer, value }, ...seen }
}

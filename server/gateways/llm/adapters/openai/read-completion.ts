import { z } from 'zod'

import { guessTokens } from '../../estimate-tokens.ts'
import type { ModelMessage, TokenUsage } from '../../language-model.ts'
import { parseJson } from '../../read-answer.ts'

const count = z.number().int().min(0).catch(-1)

/** As much of a completion as is needed; servers add to it, and leave out what is not. */
const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish().catch(null),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish().catch(null) }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish().catch(null),
})

export type Completion =
  | { readonly kind: 'text'; readonly text: string; readonly isCutOff: boolean; readonly usage: TokenUsage }
  | { readonly kind: 'refused'; readonly usage: TokenUsage }
  | { readonly kind: 'no_completion'; readonly isJson: boolean }

/** What a server answered with status 200, whatever it is. Tokens that were not counted are guessed by the characters. */
export const readCompletion = (body: string, asked: readonly ModelMessage[]): Completion => {
  const json = parseJson(body)
  const parsed = completionSchema.safeParse(json)
  const [choice] = parsed.success ? parsed.data.choices : []
  if (!parsed.success || !choice) return { kind: 'no_completion', isJson: typeof json === 'object' }
  const text = choice.message.content ?? ''
  const { usage: counted } = parsed.data
  const usage = {
    input:
      counted && counted.prompt_tokens >= 0 ? counted.prompt_tokens : guessTokens(asked.map((m) => m.content).join()),
    output: counted && counted.completion_tokens >= 0 ? counted.completion_tokens : guessTokens(text),
  }
  if (choice.message.refusal || choice.finish_reason === 'content_filter') return { kind: 'refused', usage }
  return { kind: 'text', text, isCutOff: choice.finish_reason === 'length', usage }
}

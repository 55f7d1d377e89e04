// The settings of the installation's language model, which tenants may use within their package. Off unless set.
import { z } from 'zod'

import { type ModelEndpoint } from './gateways/llm/language-model.ts'

/** Every setting with its check and its line in `.env.example`. */
export const MODEL_SETTINGS = {
  LLM_BASE_URL: z
    .string()
    .regex(/^https?:\/\/[^\s@?#]+$/, 'must be an address that starts with https:// or http://')
    .transform((text) => text.replace(/\/+$/, ''))
    .optional()
    .describe(
      "Address of a language model that speaks OpenAI's Chat Completions, up to the version: https://host/v1. Empty: none.",
    ),
  LLM_API_KEY: z
    .string()
    .regex(/^[\x21-\x7E]{1,500}$/, 'must be a key of visible letters and digits, without spaces')
    .optional()
    .describe('Key for LLM_BASE_URL; empty for a server that asks for none.'),
  LLM_MODEL: z.string().max(200).optional().describe('Name of the model there. Together with LLM_BASE_URL.'),
  LLM_PRIVATE_ADDRESSES: z
    .enum(['on', 'off'], { message: 'must be one of on, off' })
    .default('off')
    .describe('Whether models of tenants may lie on your own network (Ollama, vLLM) and speak plain http.'),
} as const satisfies Record<string, z.ZodType>

type Given = z.output<z.ZodObject<typeof MODEL_SETTINGS>>

/** The installation's model, and where those of tenants may be. */
export interface ModelSettings {
  readonly endpoint: ModelEndpoint | null
  readonly arePrivateAllowed: boolean
}

/** What is set up by half, one a line as "NAME: what is wrong". */
export const modelFaults = ({ LLM_BASE_URL, LLM_MODEL, LLM_API_KEY }: Given): readonly string[] => {
  if ((LLM_BASE_URL === undefined) !== (LLM_MODEL === undefined))
    return [
      LLM_MODEL === undefined
        ? 'LLM_MODEL: must be set together with LLM_BASE_URL'
        : 'LLM_BASE_URL: must be set together with LLM_MODEL',
    ]
  return LLM_API_KEY !== undefined && LLM_BASE_URL === undefined
    ? ['LLM_API_KEY: needs LLM_BASE_URL and LLM_MODEL']
    : []
}

/** The settings as the composition takes them. */
export const readModelSettings = (given: Given): ModelSettings => ({
  endpoint:
    given.LLM_BASE_URL !== undefined && given.LLM_MODEL !== undefined
      ? {
          baseUrl: given.LLM_BASE_URL,
          apiKey: given.LLM_API_KEY ?? null,
          model: given.LLM_MODEL,
          isOperators: true,
        }
      : null,
  arePrivateAllowed: given.LLM_PRIVATE_ADDRESSES === 'on',
})

import type { z } from 'zod'

/** Where a model is reached: any server that speaks the OpenAI Chat Completions protocol. */
export interface ModelEndpoint {
  /** Up to and including the version, as `https://api.openai.com/v1`. */
  readonly baseUrl: string
  /** Null for a server that asks for none. */
  readonly apiKey: string | null
  readonly model: string
  /** Named by whoever runs the installation: may lie on their own network, and speak plain http. */
  readonly isOperators?: boolean
}

export interface ModelMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ModelRequest<T> {
  readonly messages: readonly ModelMessage[]
  /** What the answer must be built like. `name` is told to the model: letters, digits, `_`. */
  readonly shape: { readonly name: string; readonly schema: z.ZodType<T> }
  readonly outputTokensMax: number
  readonly timeoutMs: number
  /** No call is added in a plainer format when all of them might cost more than that. */
  readonly tokensMax?: number
  /** 0–2; 0 answers the same question the same way, as far as the server can. */
  readonly temperature?: number
  readonly signal?: AbortSignal
}

export interface TokenUsage {
  readonly input: number
  readonly output: number
}

/** How a server was brought to answer in a shape, from the surest to the plainest. */
export const ANSWER_FORMATS = ['json_schema', 'json_object', 'text'] as const
export type AnswerFormat = (typeof ANSWER_FORMATS)[number]

/** Every ending of a question; a call that cost tokens says so even when its answer is of no use. */
export type ModelResult<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly format: AnswerFormat; readonly usage: TokenUsage }
  | { readonly kind: 'rate_limited'; readonly afterMs: number | null }
  | { readonly kind: 'timeout' }
  /** Connection, 5xx, an answer that is no JSON: the server is not there, or is not one. */
  | { readonly kind: 'unreachable'; readonly cause: string }
  /** Key, model or request not accepted: asking again changes nothing. */
  | { readonly kind: 'rejected'; readonly status: number; readonly cause: string }
  /** The model declined, or was cut off by its own content filter. */
  | { readonly kind: 'refused'; readonly usage: TokenUsage }
  /** Answered, but not in the shape, in no format. */
  | { readonly kind: 'unusable'; readonly usage: TokenUsage }

/** The port to language models. Nothing is repeated besides falling back to a plainer format; nothing throws but a bug. */
export interface LanguageModel {
  ask<T>(endpoint: ModelEndpoint, request: ModelRequest<T>): Promise<ModelResult<T>>
}

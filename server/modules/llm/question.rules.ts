import type { z } from 'zod'

import type { ModelPurpose, ModelRefusal } from '#contract/words.ts'

/** One question to the tenant's model. Texts are pseudonymised on their way out, and names put back on their way in. */
export interface ModelQuestion<T> {
  readonly tenantId: number
  readonly purpose: ModelPurpose
  /** Whom it is about: their consent to AI processing is asked for first. Null for a question about nobody. */
  readonly contactIds: readonly number[]
  /** Name of a prompt kept in the repository, with its version; its text is the system message. */
  readonly prompt: { readonly name: string; readonly version: number; readonly system: string }
  /** The conversation or the data, oldest first; what people wrote is data and never instructions. */
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[]
  /** What stands for a person and must not leave: each is replaced by its placeholder, as `[AD]`. */
  readonly secrets?: readonly { readonly text: string; readonly placeholder: string }[]
  readonly shape: { readonly name: string; readonly schema: z.ZodType<T> }
  readonly outputTokensMax: number
  readonly timeoutMs?: number
  /** The same key within a day is the same answer, at no cost; left out, nothing is kept. */
  readonly cacheKey?: string
  readonly signal?: AbortSignal
}

export type ModelAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T; readonly model: string; readonly promptVersion: number }
  | { readonly kind: 'unanswered'; readonly reason: ModelRefusal; readonly retryAfterMs: number | null }

/** Asks the model of a tenant within its consent, budget and rate. Never throws for anything the model or its server does. */
export type AskModel = <T>(question: ModelQuestion<T>) => Promise<ModelAnswer<T>>

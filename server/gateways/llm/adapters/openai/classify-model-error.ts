import { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai'

import { HOUR_MS } from '#server/base/duration.ts'
import { parseRetryAfter } from '#server/base/retry-after.ts'

import type { ModelResult } from '../../language-model.ts'

/** What a server did not take: the format of the answer, or a parameter that others ask for. */
export type NotTaken = 'format' | 'max_tokens' | 'max_completion_tokens' | 'temperature'

export type ModelFailure =
  | Exclude<ModelResult<never>, { readonly kind: 'answered' | 'unusable' }>
  | { readonly kind: 'not_taken'; readonly what: NotTaken }

const WAIT_MAX_MS = HOUR_MS

/** How long a server asks to wait; null when it says nothing readable. */
const retryAfterMs = (headers: Pick<Headers, 'get'> | undefined, now: number): number | null => {
  const exact = headers?.get('retry-after-ms') ?? null
  if (exact !== null && /^\d+(?:[.]\d+)?$/.test(exact)) return Math.min(Math.ceil(Number(exact)), WAIT_MAX_MS)
  const given = headers?.get('retry-after') ?? null
  if (given === null) return null
  const ms = parseRetryAfter(given, now)
  return ms === null ? null : Math.min(ms, WAIT_MAX_MS)
}

/** A server's short code; its sentences may repeat what people wrote, so they stay out. */
const codeOf = (error: APIError): string => {
  const code = [error.code, error.type].find((word) => typeof word === 'string' && /^[\w.-]{1,60}$/.test(word))
  return code ?? `status ${error.status ?? 0}`
}

const notTaken = (error: APIError): NotTaken | null => {
  if (error.status !== 400 && error.status !== 422 && error.status !== 501) return null
  const about = `${error.param ?? ''} ${error.message}`
  if (/response_format|json_schema|json_object|json schema|structured output|grammar/i.test(about)) return 'format'
  if (/max_tokens/.test(about)) return 'max_tokens'
  if (/max_completion_tokens/.test(about)) return 'max_completion_tokens'
  return /temperature/.test(about) ? 'temperature' : null
}

/** The code of what broke below the client: `ECONNREFUSED`, `ENOTFOUND`, `PRIVATE_ADDRESS`. */
const deepestCode = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  if (error.cause instanceof Error) return deepestCode(error.cause)
  const [first] = error instanceof AggregateError ? error.errors : []
  if (first !== undefined) return deepestCode(first)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return /^[\w.-]{1,60}$/.test(code) ? code : 'unknown'
}

/** What a failed call means. Never says what was asked or answered. */
export const classifyModelError = (error: unknown, now: number): ModelFailure => {
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError) return { kind: 'timeout' }
  if (!(error instanceof APIError) || error.status === undefined)
    return { kind: 'unreachable', cause: deepestCode(error) }
  const { status } = error
  const cause = codeOf(error)
  const what = notTaken(error)
  if (what !== null) return { kind: 'not_taken', what }
  // A used-up account is no pace: waiting does not refill it.
  if (status === 429 && cause !== 'insufficient_quota')
    return { kind: 'rate_limited', afterMs: retryAfterMs(error.headers, now) }
  if (status === 408) return { kind: 'timeout' }
  if (status >= 500) return { kind: 'unreachable', cause: `status ${status}` }
  if (/content_filter|content_policy/.test(cause)) return { kind: 'refused', usage: { input: 0, output: 0 } }
  return { kind: 'rejected', status, cause }
}

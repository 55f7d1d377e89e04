import { type Clock, systemClock } from '#server/base/clock.ts'

import { guessTokens } from '../../estimate-tokens.ts'
import type { LanguageModel, ModelEndpoint, ModelRequest, ModelResult, TokenUsage } from '../../language-model.ts'
import { readAnswer } from '../../read-answer.ts'
import { fillShape } from './fill-shape.ts'

/** What the fake answers once, and after how many ms of its clock. */
export type FakeReply = { readonly delayMs?: number } & (
  | { readonly kind: 'value'; readonly value: unknown }
  /** What the model wrote, read as a real one's words are: rubbish, a fence, a wrong shape. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal' }
  /** Cut off before it had said all. */
  | { readonly kind: 'cut_off'; readonly text: string }
  | { readonly kind: 'html' }
  | { readonly kind: 'rate_limited'; readonly afterMs: number | null }
  | { readonly kind: 'rejected'; readonly status: number }
  | { readonly kind: 'down' }
  /** Never answers. */
  | { readonly kind: 'silent' }
)

export type FakeAnswer = FakeReply | ((request: ModelRequest<unknown>, endpoint: ModelEndpoint) => FakeReply)

export interface FakeModelOptions {
  /** By the name of the shape that is asked for. */
  readonly answers?: Readonly<Record<string, FakeAnswer>>
  /** For every other shape; one that fills it when left out. */
  readonly otherwise?: FakeAnswer
  /** How long every answer takes. */
  readonly latencyMs?: number
  readonly clock?: Pick<Clock, 'sleep'>
}

export interface FakeModel extends LanguageModel {
  /** The latest thousand questions, oldest first. */
  readonly asked: readonly { readonly endpoint: ModelEndpoint; readonly request: ModelRequest<unknown> }[]
  /** Answers differently from now on. */
  answer(options: Pick<FakeModelOptions, 'answers' | 'otherwise'>): void
}

const ASKED_MAX = 1_000
const PLAIN = 'Tamam.'

/** Answers each shape with `text` in all of its strings. */
export const saying =
  (text: string): FakeAnswer =>
  ({ shape }) => ({ kind: 'value', value: fillShape(shape.schema, { text, ratio: 0.9 }) })

/** Answers with a price that it makes up, as `199 ₺`. */
export const quoting = (price: string): FakeAnswer => saying(`Size özel bugün yalnızca ${price}, hemen alın.`)

/**
 * A model that answers as it is told to: the same question the same way, with no network and, unless told otherwise, at
 * once. Tokens are guessed by the characters, as for a server that does not count.
 */
export const createFakeModel = (options: FakeModelOptions = {}): FakeModel => {
  const clock = options.clock ?? systemClock
  let script: Pick<FakeModelOptions, 'answers' | 'otherwise'> = options
  const asked: { endpoint: ModelEndpoint; request: ModelRequest<unknown> }[] = []
  const replyTo = (endpoint: ModelEndpoint, request: ModelRequest<unknown>): FakeReply => {
    const answer = script.answers?.[request.shape.name] ?? script.otherwise ?? saying(PLAIN)
    return typeof answer === 'function' ? answer(request, endpoint) : answer
  }
  return {
    asked,
    answer(other) {
      script = other
    },
    async ask(endpoint, request) {
      asked.push({ endpoint, request })
      if (asked.length > ASKED_MAX) asked.shift()
      if (request.signal?.aborted) return { kind: 'timeout' }
      const reply = replyTo(endpoint, request)
      const takesMs = reply.kind === 'silent' ? Infinity : (reply.delayMs ?? options.latencyMs ?? 0)
      if (takesMs > 0) await clock.sleep(Math.min(takesMs, request.timeoutMs), request.signal)
      if (takesMs > request.timeoutMs || request.signal?.aborted) return { kind: 'timeout' }
      return resultOf(reply, request)
    },
  }
}

const resultOf = <T>(reply: FakeReply, request: ModelRequest<T>): ModelResult<T> => {
  const input = guessTokens(request.messages.map(({ content }) => content).join())
  const written = (text: string): ModelResult<T> => {
    const usage: TokenUsage = { input, output: guessTokens(text) }
    const read = readAnswer(text, request.shape.schema)
    return read ? { kind: 'answered', value: read.value, format: 'json_schema', usage } : { kind: 'unusable', usage }
  }
  switch (reply.kind) {
    case 'value':
      return written(JSON.stringify(reply.value))
    case 'text':
    case 'cut_off':
      return written(reply.text)
    case 'refusal':
      return { kind: 'refused', usage: { input, output: 0 } }
    case 'html':
      return { kind: 'unreachable', cause: 'no_json' }
    case 'rate_limited':
      return { kind: 'rate_limited', afterMs: reply.afterMs }
    case 'rejected':
      return { kind: 'rejected', status: reply.status, cause: `status ${reply.status}` }
    case 'down':
      return { kind: 'unreachable', cause: 'ECONNREFUSED' }
    case 'silent':
      return { kind: 'timeout' }
  }
}

import OpenAI from 'openai'
import { type Agent, type RequestInit, fetch } from 'undici'

import type { Clock } from '#server/base/clock.ts'

import { findAddressFault } from '../../../endpoint-address.ts'
import { type Resolve, createOpenAgent, createPublicAgent } from '../../../public-agent.ts'
import { mostTokens } from '../../estimate-tokens.ts'
import type { LanguageModel, ModelEndpoint, ModelRequest, ModelResult, TokenUsage } from '../../language-model.ts'
import { readAnswer } from '../../read-answer.ts'
import { type NotTaken, classifyModelError } from './classify-model-error.ts'
import { completionParams, fitManner } from './completion-params.ts'
import { EndpointMemory, type Manner, mannerWithout, plainer } from './endpoint-memory.ts'
import { readCompletion } from './read-completion.ts'

export interface OpenAiModelOptions {
  readonly clock: Pick<Clock, 'now'>
  /** Whether endpoints of tenants may lie on the own network and speak plain http. */
  readonly arePrivateAllowed?: boolean
  /** Looks up names; the machine's resolver unless a test brings its own. */
  readonly resolve?: Resolve
}

/** The adapter and its sockets. */
export interface OpenAiModel extends LanguageModel {
  /** Ends every call and closes every socket. */
  destroy(): Promise<void>
}

/** Every format and both parameters once, and the call that succeeds. */
const CALLS_MAX = 6
const AGENT_LIMITS = { sockets: 256, answerBytes: 4 * 1024 * 1024 }
/** All that leaves in a request's head: nothing of this machine or its environment. */
const SENT_HEADERS = ['authorization', 'content-type', 'accept', 'user-agent']
const NO_TOKENS: TokenUsage = { input: 0, output: 0 }

/** How one call ended: a result, or what to try differently. */
type CallEnd<T> =
  | ModelResult<T>
  | { readonly kind: 'not_taken'; readonly what: NotTaken }
  | { readonly kind: 'unreadable'; readonly usage: TokenUsage }

const add = (a: TokenUsage, b: TokenUsage): TokenUsage => ({ input: a.input + b.input, output: a.output + b.output })

const clientOf = (endpoint: ModelEndpoint, agent: Agent): OpenAI =>
  new OpenAI({
    // Everything that the client would otherwise take from the environment is said here.
    apiKey: endpoint.apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: endpoint.baseUrl,
    logLevel: 'off',
    maxRetries: 0,
    fetch: (async (url: string, init: RequestInit) => {
      const given = new Headers(init.headers)
      const headers: Record<string, string> = {}
      for (const name of SENT_HEADERS) {
        const value = name === 'authorization' && endpoint.apiKey === null ? null : given.get(name)
        if (value !== null) headers[name] = value
      }
      return fetch(url, { ...init, headers, redirect: 'error', dispatcher: agent })
    }) as unknown as typeof globalThis.fetch,
  })

const callOnce = async <T>(
  { client, now }: { readonly client: OpenAI; readonly now: () => number },
  endpoint: ModelEndpoint,
  request: ModelRequest<T>,
  manner: Manner,
  signal: AbortSignal,
): Promise<CallEnd<T>> => {
  let body: string
  try {
    const params = completionParams(endpoint, request, manner)
    const options = { signal, timeout: request.timeoutMs }
    body = await (await client.chat.completions.create(params, options).asResponse()).text()
  } catch (error) {
    return signal.aborted ? { kind: 'timeout' } : classifyModelError(error, now())
  }
  const completion = readCompletion(body, request.messages)
  if (completion.kind === 'no_completion')
    return completion.isJson ? { kind: 'unusable', usage: NO_TOKENS } : { kind: 'unreachable', cause: 'no_json' }
  if (completion.kind === 'refused') return completion
  const { usage, text, isCutOff } = completion
  const read = readAnswer(text, request.shape.schema)
  if (read) return { kind: 'answered', value: read.value, format: manner.format, usage }
  // What was cut off is no longer in another format.
  return isCutOff ? { kind: 'unusable', usage } : { kind: 'unreadable', usage }
}

/** A signal that ends with the request's time or with its caller's own; `end` lets go of both. */
const deadlineOf = ({ timeoutMs, signal }: ModelRequest<unknown>) => {
  const stop = new AbortController()
  const abort = () => stop.abort()
  const timer = setTimeout(abort, timeoutMs)
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return {
    signal: stop.signal,
    end() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/**
 * Speaks the Chat Completions protocol with any server. Asks in the surest format the endpoint is known to take, and in a
 * plainer one when it refuses that or answers in another shape. Tenants' endpoints are reached at public addresses alone.
 */
export const createOpenAiModel = (options: OpenAiModelOptions): OpenAiModel => {
  const memory = new EndpointMemory()
  const guarded = createPublicAgent(AGENT_LIMITS, options.resolve)
  const open = createOpenAgent(AGENT_LIMITS)
  const now = () => options.clock.now()

  const converse = async <T>(
    endpoint: ModelEndpoint,
    request: ModelRequest<T>,
    isPrivateAllowed: boolean,
    signal: AbortSignal,
  ): Promise<ModelResult<T>> => {
    const deps = { client: clientOf(endpoint, isPrivateAllowed ? open : guarded), now }
    const oneCall = mostTokens(request)
    let manner = fitManner(memory.find(endpoint, now()), request.shape)
    let spent = NO_TOKENS
    const notTaken = new Set<NotTaken>()
    for (let call = 1; call <= CALLS_MAX; call++) {
      const end = await callOnce(deps, endpoint, request, manner, signal)
      if (end.kind === 'answered') {
        memory.keep(endpoint, manner, now())
        return { ...end, usage: add(spent, end.usage) }
      }
      if (end.kind === 'not_taken') {
        const isInCircles = notTaken.has(end.what) && end.what !== 'format'
        notTaken.add(end.what)
        const other = isInCircles ? null : mannerWithout(manner, end.what)
        if (!other) return { kind: 'rejected', status: 400, cause: end.what }
        manner = other
        continue
      }
      if (end.kind === 'refused' || end.kind === 'unusable') return { kind: end.kind, usage: add(spent, end.usage) }
      if (end.kind !== 'unreadable') return spent === NO_TOKENS ? end : { kind: 'unusable', usage: spent }
      spent = add(spent, end.usage)
      const format = plainer(manner.format)
      const isAffordable = spent.input + spent.output + oneCall <= (request.tokensMax ?? Infinity)
      if (!format || !isAffordable) break
      manner = { ...manner, format }
    }
    return { kind: 'unusable', usage: spent }
  }

  return {
    async ask(endpoint, request) {
      const isPrivateAllowed = endpoint.isOperators === true || options.arePrivateAllowed === true
      const fault = findAddressFault(endpoint.baseUrl, isPrivateAllowed)
      if (fault) return { kind: 'rejected', status: 0, cause: fault }
      const deadline = deadlineOf(request)
      try {
        return await converse(endpoint, request, isPrivateAllowed, deadline.signal)
      } finally {
        deadline.end()
      }
    },
    async destroy() {
      await Promise.all([guarded.destroy(), open.destroy()])
    },
  }
}

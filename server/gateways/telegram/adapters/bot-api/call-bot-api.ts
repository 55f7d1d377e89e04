import type { ApiMethods } from '@grammyjs/types'

import type { CallFailure } from '../../call-result.ts'
import { classifyBotApiError } from '../../classify-error.ts'
import type { FailureReason } from '../../failures.ts'
import { asRepeatable, resultOfFailure } from '../../result-of-failure.ts'
import type { FailureContext } from '../../result-of-failure.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import { PUBLIC_API_ROOT } from './http-transport.ts'
import type { HttpTransport } from './http-transport.ts'

/** Files travel as file ids or addresses only, so every call is one JSON body. */
type Methods = ApiMethods<string>
export type BotApiMethod = keyof Methods
export type BotApiParams<M extends BotApiMethod> = Parameters<Methods[M]>[0]
export type BotApiCredentials = Pick<TelegramAccount, 'token' | 'apiRoot'>

export interface CallOptions {
  /** The chat addressed, if any: lays refusals and waits at its door. */
  readonly chatId?: number
  /** Replaces the transport's deadline. */
  readonly timeoutMs?: number
  readonly lane?: 'calls' | 'polls'
  /** A second call does no harm, so one in doubt may be tried again. */
  readonly repeatable?: boolean
  readonly signal?: AbortSignal | undefined
}

export type BotApiReply =
  | { readonly kind: 'answered'; readonly result: unknown }
  | { readonly kind: 'reached' }
  | CallFailure

const TOKEN = /^\d+:[\w-]+$/

/**
 * One call of one method, never repeated. `result` is as Telegram sent it: the caller checks the fields it reads.
 * A token that cannot be one is refused here, before it gets into an address. Never throws besides a bug.
 */
export const callBotApi = async <M extends BotApiMethod>(
  transport: HttpTransport,
  credentials: BotApiCredentials,
  method: M,
  params: BotApiParams<M>,
  options: CallOptions = {},
): Promise<BotApiReply> => {
  const failed = (reason: FailureReason, context: FailureContext = {}): BotApiReply => {
    const result = resultOfFailure(reason, { ...context, chatId: options.chatId })
    if (result === 'reached') return { kind: 'reached' }
    return options.repeatable ? asRepeatable(result) : result
  }
  if (!TOKEN.test(credentials.token)) return failed('token_malformed', { errorCode: 401 })
  const reply = await transport.request({
    apiRoot: credentials.apiRoot ?? PUBLIC_API_ROOT,
    path: `/bot${credentials.token}/${method}`,
    body: JSON.stringify(params ?? {}),
    timeoutMs: options.timeoutMs,
    lane: options.lane ?? 'calls',
    signal: options.signal,
  })
  if (reply.kind === 'failed') return failed(reply.reason)
  const answer = readAnswer(reply.text)
  if (typeof answer === 'string') return failed(answer)
  if (answer.ok) return { kind: 'answered', result: answer.result }
  const { error_code: errorCode, description, parameters } = answer
  const retryAfter = numberIn(parameters, 'retry_after')
  const migrateToChatId = numberIn(parameters, 'migrate_to_chat_id')
  const reason = classifyBotApiError(
    { errorCode, description, ...(migrateToChatId === undefined ? {} : { parameters: { migrateToChatId } }) },
    options.chatId,
  )
  return failed(reason, { errorCode, retryAfterSeconds: retryAfter, newChatId: migrateToChatId })
}

type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error_code: number; readonly description: string; readonly parameters?: unknown }

const readAnswer = (text: string): Answer | FailureReason => {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return text.trimStart().startsWith('<') ? 'html_answer' : 'bad_json'
  }
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return 'bad_json'
  if (answer.ok === true && 'result' in answer) return answer as Answer
  const isError = 'error_code' in answer && typeof answer.error_code === 'number'
  const isDescribed = 'description' in answer && typeof answer.description === 'string'
  return answer.ok === false && isError && isDescribed ? (answer as Answer) : 'bad_json'
}

const numberIn = (value: unknown, field: string): number | undefined => {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined
  const number = (value as Readonly<Record<string, unknown>>)[field]
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

import type { ActResult, CallResult } from '../../call-result.ts'
import type { BotApiReply } from './call-bot-api.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isInteger = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)

/** Text of a field that Telegram leaves out when it is empty. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The answer read by `read`, which returns undefined when the shape is not the documented one: then it stays in doubt. */
export const asValue = <T>(reply: BotApiReply, read: (result: unknown) => T | undefined): CallResult<T> => {
  if (reply.kind === 'reached') return { kind: 'unknown', reason: 'bad_json' }
  if (reply.kind !== 'answered') return reply
  const value = read(reply.result)
  return value === undefined ? { kind: 'unknown', reason: 'bad_json' } : { kind: 'done', value }
}

/** Done, whatever the answer says. */
export const asAct = (reply: BotApiReply): ActResult =>
  reply.kind === 'answered' || reply.kind === 'reached' ? { kind: 'done' } : reply

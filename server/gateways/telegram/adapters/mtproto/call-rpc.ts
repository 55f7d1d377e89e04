import type { TelegramClient } from '@mtcute/node'
import { MtPeerNotFoundError, MtTimeoutError, tl } from '@mtcute/core'

import type { FailureReason } from '../../failures.ts'
import { type RpcMeaning, classifyRpcError } from './classify-rpc-error.ts'

/** How a call to Telegram ended: with an answer, with its refusal, or without either. */
export type RpcReply<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: number; readonly meaning: RpcMeaning }
  /** No answer; `mayHaveLeft` says whether Telegram can have acted on it. */
  | { readonly kind: 'silent'; readonly reason: FailureReason; readonly mayHaveLeft: boolean }

/** Runs `work`, which makes calls through `client`, and reads what it throws. Bugs are thrown on. */
export const callRpc = async <T>(
  open: () => Promise<TelegramClient>,
  work: (client: TelegramClient, signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<RpcReply<T>> => {
  if (signal?.aborted) return { kind: 'silent', reason: 'aborted_before_leaving', mayHaveLeft: false }
  const deadline = AbortSignal.timeout(timeoutMs)
  const limits = signal ? AbortSignal.any([signal, deadline]) : deadline
  let hasBegun = false
  try {
    const value = await until(limits, async () => {
      const client = await open()
      hasBegun = true
      return work(client, limits)
    })
    return { kind: 'answered', value }
  } catch (error) {
    if (limits.aborted) {
      const reason = deadline.aborted ? 'timeout' : 'aborted_midway'
      return hasBegun
        ? { kind: 'silent', reason, mayHaveLeft: true }
        : {
            kind: 'silent',
            reason: deadline.aborted ? 'connect_timeout' : 'aborted_before_leaving',
            mayHaveLeft: false,
          }
    }
    return readError(error)
  }
}

/** mtcute goes on trying to connect for ever, so giving up is done here. */
const until = async <T>(limits: AbortSignal, work: () => Promise<T>): Promise<T> => {
  let stop: (() => void) | undefined
  const given = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('given up'))
    limits.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work(), given])
  } finally {
    if (stop) limits.removeEventListener('abort', stop)
  }
}

const readError = <T>(error: unknown): RpcReply<T> => {
  if (error instanceof tl.RpcError) {
    const { code, text } = error
    const argument = Object.values(error).find((value) => typeof value === 'number' && value !== code)
    const meaning = classifyRpcError(code, text, argument as number | undefined)
    return { kind: 'refused', code, meaning }
  }
  if (error instanceof MtPeerNotFoundError) {
    return { kind: 'refused', code: 400, meaning: classifyRpcError(400, 'PEER_ID_INVALID') }
  }
  if (error instanceof MtTimeoutError) return { kind: 'silent', reason: 'timeout', mayHaveLeft: true }
  throw error
}

import type { CallFailure } from '../../call-result.ts'
import { FAILURES } from '../../failures.ts'
import type { FailureReason } from '../../failures.ts'
import { resultOfFailure } from '../../result-of-failure.ts'
import type { OutgoingMessage } from '../../outgoing-message.ts'

/** A message the fake accepted; edited in place, gone when deleted. */
export interface FakeMessage extends OutgoingMessage {
  readonly accountId: number
  readonly messageId: number
  /** Epoch milliseconds of the fake's clock when it was accepted. */
  readonly acceptedAt: number
}

export interface FailureScript {
  readonly reason: FailureReason
  /** Also for calls that name no chat, and for every chat, when left out. */
  readonly chatId?: number
  /** How many calls it meets; 1. */
  readonly times?: number
  readonly retryAfterSeconds?: number
  readonly newChatId?: number
  /** Accept the message and then lose the answer; only for reasons that leave it in doubt. */
  readonly acceptsFirst?: boolean
}

export interface Refusal {
  readonly result: CallFailure | 'reached'
  readonly acceptsFirst: boolean
}

/** What the fake remembers: who refuses, what fails next, which messages arrived. */
export interface FakeWorld {
  /** Makes every call for `chatId` end with `reason`; null lets them through again. */
  refuse(chatId: number, reason: FailureReason | null, newChatId?: number): void
  /** Makes every call with `token` end with `reason`. */
  refuseToken(token: string, reason: FailureReason): void
  failNext(script: FailureScript): void
  /** How the next call for this chat ends before any other rule; null when nothing is in its way. */
  takeRefusal(token: string, chatId: number | undefined): Refusal | null
  readonly messages: FakeMessage[]
  nextMessageId(): number
}

/** An empty world in which everybody can be reached. */
export const createFakeWorld = (): FakeWorld => {
  const refusals = new Map<number, { readonly reason: FailureReason; readonly newChatId: number | undefined }>()
  const tokens = new Map<string, FailureReason>()
  const scripts: (FailureScript & { left: number })[] = []
  let lastMessageId = 0

  const scripted = (chatId: number | undefined): Refusal | null => {
    const script = scripts.find(({ left, chatId: only }) => left > 0 && (only === undefined || only === chatId))
    if (!script) return null
    script.left -= 1
    return { result: resultOfFailure(script.reason, { ...script, chatId }), acceptsFirst: script.acceptsFirst ?? false }
  }

  return {
    refuse(chatId, reason, newChatId) {
      if (reason === null) refusals.delete(chatId)
      else refusals.set(chatId, { reason, newChatId })
    },
    refuseToken: (token, reason) => void tokens.set(token, reason),
    failNext(script) {
      if (script.acceptsFirst && FAILURES[script.reason].retry !== 'in_doubt') {
        throw new Error(`${script.reason} says that nothing was accepted`)
      }
      scripts.push({ ...script, left: script.times ?? 1 })
    },
    takeRefusal(token, chatId) {
      const lost = tokens.get(token)
      if (lost) return { result: resultOfFailure(lost, { errorCode: 401 }), acceptsFirst: false }
      const next = scripted(chatId)
      if (next) return next
      const refusal = chatId === undefined ? undefined : refusals.get(chatId)
      if (!refusal) return null
      const context = { chatId, newChatId: refusal.newChatId, errorCode: 400 }
      return { result: resultOfFailure(refusal.reason, context), acceptsFirst: false }
    },
    messages: [],
    nextMessageId: () => (lastMessageId += 1),
  }
}

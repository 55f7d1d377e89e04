import type { Clock } from '#server/base/clock.ts'

import type { ActResult, CallFailure, SendResult } from '../../call-result.ts'
import type { FailureReason } from '../../failures.ts'
import { resultOfFailure } from '../../result-of-failure.ts'
import type { TelegramSender } from '../../sender.ts'
import { checkContent } from './check-content.ts'
import type { FakeWorld } from './fake-world.ts'

export interface FakeSenderDeps {
  readonly clock: Clock
  readonly world: FakeWorld
  readonly latencyMs: number
  /** Presses of buttons that still wait for their answer. */
  readonly openCallbacks: Set<string>
}

/** Keeps messages in memory; a message is accepted first and answered after the latency, as over a network. */
export const createFakeSender = ({ clock, world, latencyMs, openCallbacks }: FakeSenderDeps): TelegramSender => {
  const answered = async <T>(result: T, signal?: AbortSignal): Promise<T | CallFailure> => {
    if (latencyMs > 0) await clock.sleep(latencyMs, signal)
    return signal?.aborted ? { kind: 'unknown', reason: 'aborted_midway' } : result
  }
  const indexOf = (chatId: number, messageId: number) =>
    world.messages.findIndex((message) => message.chatId === chatId && message.messageId === messageId)

  return {
    async send(account, message, signal) {
      if (signal?.aborted) return ending('aborted_before_leaving')
      const refusal = world.takeRefusal(account.token, message.chatId)
      if (refusal && !refusal.acceptsFirst) return answered(sentUnless(refusal.result), signal)
      const fault = checkContent(message)
      if (fault) return answered(ending(fault), signal)
      const messageId = world.nextMessageId()
      world.messages.push({ ...message, accountId: account.accountId, messageId, acceptedAt: clock.now() })
      return answered<SendResult>(refusal ? sentUnless(refusal.result) : { kind: 'sent', messageId }, signal)
    },

    async editText(account, chatId, messageId, { text, buttons }) {
      const refusal = world.takeRefusal(account.token, chatId)
      if (refusal) return answered(sentUnless(refusal.result, messageId))
      const index = indexOf(chatId, messageId)
      const before = world.messages[index]
      if (!before) return answered(ending('message_missing'))
      const fault = checkContent({ text, ...(buttons ? { buttons } : {}) })
      if (fault) return answered(ending(fault))
      const { buttons: _, ...rest } = before
      world.messages[index] = { ...rest, text, ...(buttons ? { buttons } : {}) }
      return answered<SendResult>({ kind: 'sent', messageId })
    },

    async deleteMessage(account, chatId, messageId) {
      const refusal = world.takeRefusal(account.token, chatId)
      if (refusal) return answered(doneUnless(refusal.result))
      const index = indexOf(chatId, messageId)
      if (index < 0) return answered(ending('message_missing'))
      world.messages.splice(index, 1)
      return answered<ActResult>({ kind: 'done' })
    },

    async answerCallback(account, callbackId) {
      const refusal = world.takeRefusal(account.token, undefined)
      if (refusal) return answered(doneUnless(refusal.result))
      return answered(openCallbacks.delete(callbackId) ? { kind: 'done' } : ending('callback_expired'))
    },

    async showThinking(account, chatId) {
      const refusal = world.takeRefusal(account.token, chatId)
      if (refusal) return answered(doneUnless(refusal.result))
      return answered(chatId > 0 ? { kind: 'done' } : ending('rejected_other'))
    },
  }
}

const ending = (reason: FailureReason): CallFailure => {
  const result = resultOfFailure(reason, { errorCode: 400 })
  if (result === 'reached') throw new Error(`${reason} is no failure here`)
  return result
}

const sentUnless = (result: CallFailure | 'reached', messageId = 0): SendResult =>
  result === 'reached' ? { kind: 'sent', messageId } : result

const doneUnless = (result: CallFailure | 'reached'): ActResult => (result === 'reached' ? { kind: 'done' } : result)

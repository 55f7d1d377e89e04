import { SECOND_MS } from '#server/base/duration.ts'

import type { FailureReason } from './failures.ts'
import type { SendResult, TelegramAccount, TelegramSender } from './sender.ts'

/** `recovered`: another token is kept, use that. `later`: Telegram could not be asked. `lost`: there is no other. */
export type TokenRecovery = 'recovered' | 'later' | 'lost'

const TOKEN_REFUSALS: ReadonlySet<FailureReason> = new Set(['token_revoked', 'token_malformed'])

/** Waits until the lane has begun anew with the other token, or until Telegram can be asked for it. */
const WAIT_MS: Readonly<Record<Exclude<TokenRecovery, 'lost'>, number>> = {
  recovered: SECOND_MS,
  later: 10 * SECOND_MS,
}

/**
 * The same sender, which gives an account up only when no other token is to be had: a refused token ends as `retry`
 * while there is another. Telegram takes nothing from a refused token, so nothing is said twice.
 */
export const healSender = (
  sender: TelegramSender,
  recover: (account: TelegramAccount) => Promise<TokenRecovery>,
): TelegramSender => {
  const heal = async (account: TelegramAccount, result: SendResult): Promise<SendResult> => {
    if (account.kind !== 'bot' || result.kind !== 'account_lost' || !TOKEN_REFUSALS.has(result.reason)) return result
    const recovery = await recover(account)
    return recovery === 'lost'
      ? result
      : { kind: 'retry', afterMs: WAIT_MS[recovery], scope: 'account', reason: result.reason }
  }
  return {
    async send(account, message, signal) {
      return heal(account, await sender.send(account, message, signal))
    },
    async editText(account, chatId, messageId, message) {
      return heal(account, await sender.editText(account, chatId, messageId, message))
    },
    deleteMessage: (account, chatId, messageId) => sender.deleteMessage(account, chatId, messageId),
    answerCallback: (account, callbackId, text) => sender.answerCallback(account, callbackId, text),
    showThinking: (account, chatId, draftId) => sender.showThinking(account, chatId, draftId),
  }
}

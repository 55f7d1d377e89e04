import type { Clock } from './base/clock.ts'
import { SECOND_MS } from './base/duration.ts'
import type { SecretBox } from './base/secret.ts'
import type { Db } from './db/pool.ts'
import { type ApplyBusinessUpdate, createBusinessLane } from './doors/updates/index.ts'
import type { CallFailure } from './gateways/telegram/call-result.ts'
import type { TelegramAccount, TelegramSender } from './gateways/telegram/sender.ts'
import { openBusinessAccount } from './modules/accounts/index.ts'
import { type OnboardingDeps, findOpenOnboarding } from './modules/onboarding/index.ts'

export interface BusinessTelegramDeps {
  readonly db: Db
  readonly box: SecretBox
  readonly clock: Clock
  readonly onboarding: OnboardingDeps
}

/** What bots are told of business accounts; a newcomer at the step of linking an account is known by their onboarding. */
export const applyBusinessUpdates = ({ onboarding, ...deps }: BusinessTelegramDeps): ApplyBusinessUpdate =>
  createBusinessLane({
    ...deps,
    async findAwaitingTenant(telegramId) {
      const open = await findOpenOnboarding(onboarding, { telegramId })
      return open?.state === 'account_connecting' ? open.tenantId : null
    },
  })

/** Nothing has left yet. */
const NOT_LEFT = { kind: 'retry', afterMs: SECOND_MS, scope: 'account', reason: 'aborted_before_leaving' } as const
/** The account rests: its deliveries wait for it. */
const RESTING = { kind: 'account_lost', reason: 'business_connection_lost', errorCode: 0 } as const
/** Refused under an id that the owner had replaced meanwhile: the next try goes out under the new one. */
const REPLACED = { kind: 'retry', afterMs: 0, scope: 'chat', reason: 'business_connection_lost' } as const

/**
 * Sends of business accounts under the connection of this moment: its id changes whenever the owner changes a setting,
 * and an account that was ended is used no more, not even by what was on its way.
 */
export const followConnections = (
  sender: TelegramSender,
  deps: { readonly db: Db; readonly box: SecretBox },
): TelegramSender => {
  const open = async (account: TelegramAccount): Promise<TelegramAccount | CallFailure> => {
    if (account.kind !== 'business') return account
    try {
      return (await openBusinessAccount(deps, account.accountId)) ?? RESTING
    } catch {
      return NOT_LEFT
    }
  }
  const follow = async <R extends { readonly kind: string }>(
    account: TelegramAccount,
    act: (current: TelegramAccount) => Promise<R>,
  ): Promise<R | CallFailure> => {
    const current = await open(account)
    if (!('token' in current)) return current
    const result = await act(current)
    const isLost = 'reason' in result && result.reason === 'business_connection_lost'
    if (account.kind !== 'business' || !isLost) return result
    const now = await open(account)
    if ('token' in now && now.businessConnectionId !== current.businessConnectionId) return REPLACED
    return { ...result, connectionId: current.businessConnectionId }
  }
  return {
    send: (account, message, signal) => follow(account, (current) => sender.send(current, message, signal)),
    editText: (account, chatId, messageId, message) =>
      follow(account, (current) => sender.editText(current, chatId, messageId, message)),
    deleteMessage: (account, chatId, messageId) =>
      follow(account, (current) => sender.deleteMessage(current, chatId, messageId)),
    answerCallback: (account, callbackId, text) => sender.answerCallback(account, callbackId, text),
    showThinking: (account, chatId, draftId) => sender.showThinking(account, chatId, draftId),
  }
}

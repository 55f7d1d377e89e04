import { AppError } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import type { CallFailure, CallResult } from '#server/gateways/telegram/call-result.ts'
import type { TelegramManagedBots } from '#server/gateways/telegram/managed-bots.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { type SealedAccount, selectAccount } from './account.store.ts'
import type { AccountsDeps } from './accounts-deps.ts'
import { openSealed } from './open-account.ts'

export type ManagerQuestion = (
  managedBots: TelegramManagedBots,
  manager: TelegramAccount,
) => Promise<CallResult<string>>

/** The manager's account, of whatever tenant. Errors: `unavailable/manager_unusable`. */
export const getManager = async (deps: AccountsDeps, id: number): Promise<SealedAccount> => {
  const manager = await asOperator(deps.db, 'find a manager bot', (tx) => selectAccount(tx, { id }))
  if (manager?.kind !== 'bot' || manager.state === 'disconnected')
    throw new AppError('unavailable', 'manager_unusable', { id })
  return manager
}

/** Asks as the manager. What Telegram answers is a value; a manager that cannot ask is an error: `unavailable/manager_unusable`. */
export const askManager = async (
  deps: AccountsDeps,
  managerAccountId: number,
  ask: ManagerQuestion,
): Promise<CallResult<string>> => {
  if (!deps.managedBots) throw new AppError('unavailable', 'manager_unusable', { id: managerAccountId })
  const manager = await getManager(deps, managerAccountId)
  return ask(deps.managedBots, openSealed(deps.box, manager))
}

/** The refusal behind an answer without a token. */
export const managerRefusal = (failure: CallFailure, managerAccountId: number): AppError => {
  switch (failure.kind) {
    case 'rejected':
      return new AppError('invalid', 'managed_bot_refused', { field: 'botTelegramId', reason: failure.reason })
    case 'account_lost':
      return new AppError('unavailable', 'manager_unusable', { id: managerAccountId })
    case 'retry':
    case 'unknown':
      return new AppError('unavailable', 'telegram_unreachable', { reason: failure.reason })
    case 'migrated':
      return new AppError('internal', 'telegram_answer_impossible', { method: 'getManagedBotToken' })
  }
}

import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type OwnLoss, findOwnStatus, saveOwnLoss, saveOwnStatus, upsertChat } from './chat-account.store.ts'
import { fitGroupsToPackage } from './fit-groups.ts'
import type { GroupChat, OwnStatus } from './group.rules.ts'

export interface OwnMembership {
  readonly accountId: number
  readonly chat: GroupChat
  readonly own: OwnStatus
  /** Telegram id of whoever did it. */
  readonly by?: number
  /** Epoch ms. */
  readonly at: number
}

/**
 * Records that an account was added to a chat, promoted in it, or put out of it. Older news never overrides newer. A
 * group beyond the package's number is known and nothing is posted there until there is room. Locks the subscription.
 */
export const recordOwnMembership = async (
  tx: TenantTx,
  { accountId, chat, own, by, at }: OwnMembership,
): Promise<void> => {
  const chatId = await upsertChat(tx, chat, at)
  const isNews = await saveOwnStatus(tx, chatId, accountId, { ...own, addedBy: by ?? null }, at)
  if (isNews && chat.kind !== 'channel') await fitGroupsToPackage(tx, at)
}

/** Whether the account is an administrator of the chat, so that Telegram tells it of every join and leave. */
export const isChatAdministrator = async (tx: TenantTx, accountId: number, chatTelegramId: number): Promise<boolean> =>
  (await findOwnStatus(tx, accountId, chatTelegramId)) === 'administrator'

/** Records what a refusal told: that the account is in the chat no more, though nobody said so when it happened. */
export const recordOwnLoss = (tx: TenantTx, loss: OwnLoss): Promise<void> => saveOwnLoss(tx, loss)

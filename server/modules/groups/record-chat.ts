import type { TenantTx } from '#server/db/tenant-scope.ts'

import { upsertChat } from './chat-account.store.ts'
import { moveChat, saveMemberCount } from './chat.store.ts'
import type { GroupChat } from './group.rules.ts'

export interface ChatInput {
  readonly chat: GroupChat
  /** As Telegram says; left as it is if unknown. */
  readonly memberCount?: number
  /** Epoch ms. */
  readonly at: number
}

/** Records a group or channel as Telegram names it now, and returns its row id. */
export const recordChat = async (tx: TenantTx, { chat, memberCount, at }: ChatInput): Promise<number> => {
  const id = await upsertChat(tx, chat, at)
  if (memberCount !== undefined) await saveMemberCount(tx, id, memberCount)
  return id
}

/**
 * Records that a group became a supergroup with a new id: members, activity and accounts go along, and the old chat
 * points to the new one. Saying it again changes nothing.
 */
export const recordChatMigration = (tx: TenantTx, fromTelegramId: number, toTelegramId: number): Promise<void> =>
  moveChat(tx, fromTelegramId, toTelegramId)

import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { findChatById, findChatByTelegramId } from './chat.store.ts'
import type { Chat } from './group.rules.ts'

/** The chat of this row id or Telegram id, or null. The old id of a group leads to the supergroup it became. */
export const findChat = async (
  tx: TenantTx,
  name: { readonly id: number } | { readonly telegramId: number },
): Promise<Chat | null> => {
  const chat = 'id' in name ? await findChatById(tx, name.id) : await findChatByTelegramId(tx, name.telegramId)
  return chat && chat.migratedToTelegramId !== null ? findChatByTelegramId(tx, chat.migratedToTelegramId) : chat
}

/** {@link findChat} by row id for one that must exist. Errors: `not_found`. */
export const getChat = async (tx: TenantTx, id: number): Promise<Chat> => {
  const chat = await findChat(tx, { id })
  if (!chat) throw notFound('chat', id)
  return chat
}

import type { BusinessConnection } from '#server/modules/accounts/index.ts'
import type { MessageKind } from '#server/modules/contacts/index.ts'

import { businessConnectionShape, deletedMessagesShape } from './telegram-shapes.ts'

/** Updates of one connection that a bot could not hand over yet wait in one queue, so that they keep their order. */
const CONNECTION_QUEUE = 'connection:'
export const connectionQueue = (connectionId: string): string => `${CONNECTION_QUEUE}${connectionId}`
export const isForAnotherAccount = (queueKey: string): boolean => queueKey.startsWith(CONNECTION_QUEUE)

/** What happened in a business account's private chat besides what the other person said. */
export type BusinessNews =
  | {
      readonly kind: 'by_hand'
      /** Whom the owner wrote to. */
      readonly telegramId: number
      readonly messageId: number
      readonly messageKind: MessageKind
      readonly text: string | null
    }
  | { readonly kind: 'edited'; readonly chatId: number; readonly messageId: number; readonly text: string | null }
  | { readonly kind: 'deleted'; readonly chatId: number; readonly messageIds: readonly number[] }

/** A connection as Telegram writes it. Throws for anything else. */
export const readConnection = (body: unknown): BusinessConnection => {
  const { id, user, user_chat_id: userChatId, rights, is_enabled: isEnabled } = businessConnectionShape.parse(body)
  return {
    connectionId: id,
    ownerTelegramId: user.id,
    userChatId,
    displayName: `${user.first_name} ${user.last_name}`.trim(),
    username: user.username ?? null,
    rights: Object.keys(rights).filter((name) => rights[name] === true),
    isEnabled,
  }
}

export const readDeleted = (body: unknown): Extract<BusinessNews, { kind: 'deleted' }> => {
  const { chat, message_ids: messageIds } = deletedMessagesShape.parse(body)
  return { kind: 'deleted', chatId: chat.id, messageIds }
}

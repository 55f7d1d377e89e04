import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type MessageKind, cleanText } from './contact.rules.ts'
import { type MessageNames, isOurSend, lockContactOf, saveTexts } from './conversation.store.ts'
import { insertMessages } from './message.store.ts'

const TEXT_MAX = 4_096

/** What the owner of an account wrote by hand to somebody. */
export interface OwnWords {
  readonly accountId: number
  /** Whom to, by Telegram id. */
  readonly telegramId: number
  readonly at: number
  readonly kind: MessageKind
  readonly messageId: number
  readonly text: string | null
}

/**
 * Keeps what an account's owner wrote to a contact by hand: it shows in the timeline as an outbound message without a
 * delivery and is counted nowhere. What the owner writes to people who are no contacts is private and not kept, and
 * what was sent from here is kept already: then null, else the contact. Locks the contact.
 */
export const recordOwnWords = async (tx: TenantTx, words: OwnWords): Promise<number | null> => {
  const contactId = await lockContactOf(tx, words.telegramId)
  if (contactId === null) return null
  const { accountId, telegramId, at, kind, messageId } = words
  if (await isOurSend(tx, { accountId, contactId, messageId, at })) return null
  const text = words.text === null ? null : cleanText(words.text, TEXT_MAX)
  await insertMessages(tx, [{ at, contactId, accountId, chatId: telegramId, direction: 'out', kind, messageId, text }])
  return contactId
}

/** A message of a private chat was changed: its kept text follows, unless its time is over. */
export const reviseMessage = (
  tx: TenantTx,
  message: Omit<MessageNames, 'messageIds'> & { readonly messageId: number; readonly text: string | null },
): Promise<void> => {
  const { messageId, text, ...chat } = message
  return saveTexts(tx, { ...chat, messageIds: [messageId] }, text === null ? null : cleanText(text, TEXT_MAX))
}

/** Messages of a private chat were deleted by those who wrote them: that they were there stays, what they said goes. */
export const eraseMessages = (tx: TenantTx, messages: MessageNames): Promise<void> => saveTexts(tx, messages, null)

import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createReplies, createReply } from '#server/modules/delivery/index.ts'
import { findChatIds } from '#server/modules/groups/index.ts'

import { findChatVoice, takePointers } from './chat-voice.store.ts'

export interface GroupQuestion {
  readonly accountId: number
  readonly chatTelegramId: number
  readonly contactId: number
  readonly messageId: number
  /** Epoch ms. */
  readonly at: number
}

/** A chat's rules are said at most once in so long, whoever asks and whichever account is asked. */
const RULES_PAUSE_MS = MINUTE_MS

/** Nobody is shown the way into a private chat more often than this. */
const POINTER_PAUSE_MS = HOUR_MS

/** Says a chat's rules in it. False when the chat has none, or when they are another account's to say. */
export const answerWithRules = async (tx: TenantTx, question: GroupQuestion): Promise<boolean> => {
  const chat = (await findChatIds(tx, [question.chatTelegramId])).get(question.chatTelegramId)
  const voice = chat ? await findChatVoice(tx, chat.id) : null
  if (!chat || !voice || voice.rulesText === null || voice.accountId !== question.accountId) return false
  await createReply(tx, {
    accountId: question.accountId,
    contactId: null,
    chatId: chat.telegramId,
    text: voice.rulesText,
    source: 'system',
    messageClass: 'reply',
    dedupeKey: `rules:${chat.id}:${Math.floor(question.at / RULES_PAUSE_MS)}`,
    at: question.at,
  })
  return true
}

/**
 * Shows people who spoke to the account in groups the way into its private chat, each once an hour at most; asked again
 * before, it keeps silent. `at` is now, epoch ms. Three statements for any number of them.
 */
export const pointToPrivateChat = async (
  tx: TenantTx,
  questions: readonly Omit<GroupQuestion, 'at'>[],
  say: { readonly text: string; readonly button: string; readonly username: string },
  at: number,
): Promise<void> => {
  if (questions.length === 0) return
  const chats = await findChatIds(tx, [...new Set(questions.map(({ chatTelegramId }) => chatTelegramId))])
  const firsts = new Map<number, Omit<GroupQuestion, 'at'>>()
  for (const question of questions)
    if (chats.has(question.chatTelegramId) && !firsts.has(question.contactId)) firsts.set(question.contactId, question)
  if (firsts.size === 0) return
  const turns = await takePointers(tx, [...firsts.keys()], at, POINTER_PAUSE_MS)
  const answers = [...firsts.values()].flatMap(({ accountId, contactId, chatTelegramId, messageId }) => {
    const chat = chats.get(chatTelegramId)
    if (!chat || !turns.has(contactId)) return []
    const url = `https://t.me/${say.username}?start=grp${chat.id.toString(36)}`
    return [
      {
        accountId,
        contactId: null,
        chatId: chat.telegramId,
        text: say.text,
        buttons: [[{ text: say.button, url }]],
        source: 'system',
        messageClass: 'reply',
        dedupeKey: `pointer:${accountId}:${chatTelegramId}:${messageId}`,
        at,
      } as const,
    ]
  })
  await createReplies(tx, answers)
}

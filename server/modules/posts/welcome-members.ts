import { HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createPost, listPostEnds, rewritePost } from '#server/modules/delivery/index.ts'
import { getChat, wantActs } from '#server/modules/groups/index.ts'

import { NAMED_MAX, welcomeFor } from './chat-voice.rules.ts'
import {
  findChatVoice,
  listUnwelcomed,
  listWelcomedNames,
  listWelcomingChats,
  saveLastWelcome,
  saveWelcomed,
} from './chat-voice.store.ts'

/** Somebody who has come into a chat. `at` is epoch ms. */
export interface Newcomer {
  readonly contactId: number
  readonly chatTelegramId: number
  readonly at: number
}

export interface WelcomeOptions {
  readonly now: number
  /** `3 more people`, in the tenant's language. */
  readonly more: (count: number) => string
}

/** A welcome this late welcomes nobody. */
const LATE_MAX_MS = 10 * MINUTE_MS
/** Who comes, goes and comes again, or is told of by two accounts, is welcomed once. */
const AGAIN_MS = HOUR_MS
/** Telegram lets a bot take back what it said for so long. */
const DELETABLE_MS = 47 * HOUR_MS

/**
 * Welcomes people who have just come into chats that do: those who come within the chat's time of gathering share a
 * message that names the first five. It leaves through the queue like every post, at the chat's pace. The welcome before
 * is taken back where that is set. In the transaction that recorded the joining. Locks the chat's settings.
 */
export const welcomeMembers = async (
  tx: TenantTx,
  newcomers: readonly Newcomer[],
  options: WelcomeOptions,
): Promise<void> => {
  const fresh = newcomers.filter(({ at }) => at > options.now - LATE_MAX_MS)
  if (fresh.length === 0) return
  const chats = await listWelcomingChats(tx, [...new Set(fresh.map(({ chatTelegramId }) => chatTelegramId))])
  for (const [telegramId, mine] of Map.groupBy(fresh, ({ chatTelegramId }) => chatTelegramId)) {
    const chatId = chats.get(telegramId)
    if (chatId !== undefined) await welcomeInChat(tx, chatId, mine, options)
  }
}

const welcomeInChat = async (
  tx: TenantTx,
  chatId: number,
  newcomers: readonly Newcomer[],
  { now, more }: WelcomeOptions,
): Promise<void> => {
  const voice = await findChatVoice(tx, chatId, true)
  const wanted = newcomers.map(({ contactId }) => contactId)
  const contactIds = await listUnwelcomed(tx, chatId, wanted, now - AGAIN_MS)
  if (!voice || voice.welcomeText === null || contactIds.length === 0) return
  const { title, telegramId } = await getChat(tx, chatId)
  const text = voice.welcomeText
  const compose = async (deliveryId: number) =>
    welcomeFor(text, await listWelcomedNames(tx, deliveryId, NAMED_MAX), title, more)

  const waiting = voice.lastWelcomeId
  const [former] = waiting === null ? [] : await listPostEnds(tx, [waiting])
  if (former && former.finishedAt === null && former.state !== 'reserved') {
    await saveWelcomed(tx, { chatId, contactIds, deliveryId: former.deliveryId, at: now })
    if (await rewritePost(tx, former.deliveryId, await compose(former.deliveryId))) return
  }
  const deliveryId = await createPost(tx, {
    accountId: voice.accountId,
    chatId: telegramId,
    content: { text },
    messageClass: 'transactional',
    dueAt: now + voice.welcomeGatherSeconds * SECOND_MS,
    expiresAt: now + HOUR_MS,
    dedupeKey: `welcome:${chatId}:${contactIds[0] ?? 0}:${now}`,
    at: now,
  })
  if (deliveryId === null) return
  await saveWelcomed(tx, { chatId, contactIds, deliveryId, at: now })
  await rewritePost(tx, deliveryId, await compose(deliveryId))
  await saveLastWelcome(tx, chatId, deliveryId)
  const isDeletable = former?.state === 'sent' && (former.finishedAt ?? 0) > now - DELETABLE_MS
  if (voice.welcomeReplaces && isDeletable && former.messageId !== null)
    await wantActs(tx, [
      {
        chatId,
        accountId: voice.accountId,
        contactId: null,
        kind: 'delete_own',
        dedupeKey: `welcome:${former.deliveryId}`,
        messageIds: [former.messageId],
        by: 'system',
        at: now,
      },
    ])
}

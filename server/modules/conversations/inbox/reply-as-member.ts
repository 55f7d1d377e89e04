import { MINUTE_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { type Conversation, checkReplyText, requireAnswerable, whoMoved } from './conversation.rules.ts'
import { findAddressee, saveAnswer, savePause } from './conversation.store.ts'
import { insertConversationEvent } from './conversation-event.store.ts'
import { findAccountInboxSettings } from './inbox-setting.store.ts'
import { movedBy, requireConversation } from './require-conversation.ts'
import { withdrawAiReplies } from './withdraw-ai-replies.ts'

export interface MemberReply {
  readonly conversationId: number
  /** As it is typed, 1–4 096 characters; nothing in it is markup. */
  readonly text: string
  /** The turn that was seen when it was written; without one only an answer of somebody else is in the way. */
  readonly seenTurn?: number | null
  /** Sends it whatever was said in between. */
  readonly isSure?: boolean
}

/**
 * A person of the tenant answers: the answer is queued on the conversation's account, the contact has the word, the model
 * is silent for a while, and what it had queued is withdrawn. Locks the conversation. Returns the delivery's id.
 * Errors: `forbidden/not_allowed`, `not_found`, `invalid/text_length`, `conflict/contact_erased`,
 * `conflict/contact_blocked`, `conflict/contact_stopped`; `conflict/conversation_moved` naming who said something in
 * between, unless `isSure`.
 */
export const replyAsMember = async (tx: TenantTx, reply: MemberReply, actor: ActingPerson): Promise<number> => {
  const { by, access, at } = actor
  requireCan(access, 'conversations.reply')
  const text = checkReplyText(reply.text)
  const conversation = await requireConversation(tx, reply.conversationId)
  const chatId = requireAnswerable(conversation, await findAddressee(tx, conversation))
  const moved = reply.isSure === true ? null : whoMoved(conversation, reply.seenTurn ?? null)
  if (moved !== null) throw await movedBy(tx, conversation, moved)
  const { accountId, contactId } = conversation
  const deliveryId = await createReply(tx, {
    accountId,
    contactId,
    chatId,
    text: escapeText(text),
    source: 'reply',
    messageClass: 'reply',
    isHuman: true,
    writtenBy: by,
    dedupeKey: `inbox:${conversation.id}:${conversation.turn + 1}`,
    at,
  })
  if (deliveryId === null) throw new Error('two answers bear one turn')
  await takeWord(tx, conversation, { by, at, pendingDeliveryId: deliveryId })
  return deliveryId
}

/** A person wrote in the conversation: the contact has the word, and the model is silent. The caller holds its row. */
export const takeWord = async (
  tx: TenantTx,
  conversation: Conversation,
  word: { readonly by: string; readonly at: number; readonly pendingDeliveryId?: number },
): Promise<void> => {
  const { by, at } = word
  if (conversation.state === 'closed') await insertConversationEvent(tx, conversation, { kind: 'opened', by, at })
  await saveAnswer(tx, conversation.id, word)
  const { aiPauseMinutes } = await findAccountInboxSettings(tx, conversation.accountId)
  await savePause(tx, conversation.id, at + aiPauseMinutes * MINUTE_MS, 'human_wrote')
  await withdrawAiReplies(tx, conversation, at)
}

import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { noteDripEvent } from '#server/modules/delivery/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { saveGivenBack, saveHandOver } from './conversation.store.ts'
import { insertConversationEvent } from './conversation-event.store.ts'
import { requireConversation } from './require-conversation.ts'
import { withdrawAiReplies } from './withdraw-ai-replies.ts'

/**
 * A person has to go on from here: the conversation is open, the model is silent until somebody gives it back, and what
 * it has queued is withdrawn, with what a drip that this ends has waiting. Told to members once; the first `reason` (a word) stays, and
 * `detail` (words and numbers) beside it in the history. Locks the conversation. Emits
 * `conversation.handed_over`. Errors: `not_found`.
 */
export const handOverConversation = (
  tx: TenantTx,
  conversationId: number,
  reason: string,
  at: number,
  detail: Readonly<Record<string, string | number>> = {},
): Promise<void> => handOver(tx, conversationId, { reason, detail, by: 'automatic', at })

/**
 * {@link handOverConversation} by a member, who keeps it for people. Errors: `forbidden/not_allowed`, `not_found`.
 */
export const handOverAsMember = async (
  tx: TenantTx,
  conversationId: number,
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'conversations.reply')
  await handOver(tx, conversationId, { reason: 'member', detail: {}, by, at })
}

interface HandOver {
  readonly reason: string
  readonly detail: Readonly<Record<string, string | number>>
  readonly by: string
  readonly at: number
}

const handOver = async (tx: TenantTx, conversationId: number, { reason, detail, by, at }: HandOver): Promise<void> => {
  const conversation = await requireConversation(tx, conversationId)
  if (!(await saveHandOver(tx, conversationId, reason, at))) return
  if (conversation.state === 'closed') await insertConversationEvent(tx, conversation, { kind: 'opened', by, at })
  await insertConversationEvent(tx, conversation, {
    kind: 'handed_over',
    by,
    at,
    detail: { ...detail, reason },
  })
  await withdrawAiReplies(tx, conversation, at)
  await noteDripEvent(tx, { ...conversation, what: 'handed_over', at })
  await emitEvents(tx, at, [{ type: 'conversation.handed_over', payload: { conversationId, reason } }])
}

/** Lets the model speak again. Locks the conversation. Errors: `forbidden/not_allowed`, `not_found`. */
export const giveBackConversation = async (
  tx: TenantTx,
  conversationId: number,
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'conversations.reply')
  const conversation = await requireConversation(tx, conversationId)
  if (conversation.handedOverAt === null && conversation.aiPausedUntil === null) return
  await saveGivenBack(tx, conversationId)
  await insertConversationEvent(tx, conversation, { kind: 'given_back', by, at })
}

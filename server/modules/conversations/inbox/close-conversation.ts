import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { lockUnanswerable, saveClose, saveReopening } from './conversation.store.ts'
import { insertConversationEvent } from './conversation-event.store.ts'
import { type ConversationChange, requireConversation, requireSeen } from './require-conversation.ts'
import { withdrawAiReplies, withdrawForStop } from './withdraw-ai-replies.ts'

/**
 * Ends a stretch of a conversation: nothing is owed, and what a model had queued is withdrawn. The next message opens it
 * again. Returns whether it was open. Locks it. Emits `conversation.closed`. Errors: those of `requireSeen`.
 */
export const closeConversation = async (
  tx: TenantTx,
  change: ConversationChange,
  actor: ActingPerson,
): Promise<boolean> => {
  const { by, at } = actor
  const conversation = await requireSeen(tx, change, actor)
  if (conversation.state === 'closed') return false
  const { id } = conversation
  await saveClose(tx, id, at)
  await insertConversationEvent(tx, conversation, { kind: 'closed', by, at })
  await withdrawAiReplies(tx, conversation, at)
  const closedAt = Math.max(at, conversation.openedAt)
  await emitEvents(tx, at, [{ type: 'conversation.closed', payload: { conversationId: id, closedAt, by } }])
  return true
}

/**
 * Opens a conversation that was closed, snoozed or waits, for somebody to look at. Returns whether it was not open.
 * Locks it. Errors: `forbidden/not_allowed`, `not_found`.
 */
export const reopenConversation = async (
  tx: TenantTx,
  conversationId: number,
  { by, access, at }: ActingPerson,
): Promise<boolean> => {
  requireCan(access, 'conversations.reply')
  const conversation = await requireConversation(tx, conversationId)
  const { state } = conversation
  if (state === 'open') return false
  await saveReopening(tx, conversationId, at)
  await insertConversationEvent(tx, conversation, { kind: state === 'closed' ? 'opened' : 'woken', by, at })
  return true
}

/**
 * A contact asked for no more messages: nobody may answer what they wrote before, so nobody owes them an answer. Locks
 * their conversations.
 */
export const closeForStop = async (tx: TenantTx, contactId: number, at: number): Promise<void> => {
  for (const conversation of await lockUnanswerable(tx, contactId, at)) {
    await saveClose(tx, conversation.id, at)
    await insertConversationEvent(tx, conversation, { kind: 'closed', by: 'contact', at })
    await withdrawForStop(tx, conversation, at)
  }
}

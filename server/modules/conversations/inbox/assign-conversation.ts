import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireAssignable, requireCan } from '#server/modules/tenancy/index.ts'

import { saveAssignee, saveUnassigned } from './conversation.store.ts'
import { insertConversationEvent } from './conversation-event.store.ts'
import { requireConversation } from './require-conversation.ts'

/**
 * Gives a conversation to a member who may answer, or with null to nobody. Locks member and conversation.
 * Errors: `forbidden/not_allowed`, `not_found`, `invalid/assignee`.
 */
export const assignConversation = async (
  tx: TenantTx,
  { conversationId, memberId }: { readonly conversationId: number; readonly memberId: number | null },
  { by, access, at }: ActingPerson,
): Promise<void> => {
  requireCan(access, 'conversations.reply')
  if (memberId !== null) await requireAssignable(tx, memberId, 'conversations.reply')
  const conversation = await requireConversation(tx, conversationId)
  if (conversation.assignedTo === memberId) return
  await saveAssignee(tx, conversationId, memberId)
  const detail = { before: conversation.assignedTo, after: memberId }
  await insertConversationEvent(tx, conversation, { kind: 'assigned', by, at, detail })
}

/** A member who left or may answer no more loses what was theirs: it is nobody's, for everybody to see. Returns how many. */
export const unassignMember = async (tx: TenantTx, memberId: number, at: number): Promise<number> => {
  const freed = await saveUnassigned(tx, memberId)
  for (const conversation of freed) {
    const detail = { before: memberId, after: null }
    await insertConversationEvent(tx, conversation, { kind: 'assigned', by: 'system', at, detail })
  }
  return freed.length
}

import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { checkNote } from './conversation.rules.ts'
import { saveRead } from './conversation.store.ts'
import { insertConversationEvent } from './conversation-event.store.ts'
import { requireConversation } from './require-conversation.ts'

/**
 * Leaves a note for colleagues in a conversation; the contact never sees it. Returns its id. Locks the conversation.
 * Errors: `forbidden/not_allowed`, `not_found`, `invalid/text_length`.
 */
export const noteConversation = async (
  tx: TenantTx,
  { conversationId, text }: { readonly conversationId: number; readonly text: string },
  { by, access, at }: ActingPerson,
): Promise<number> => {
  requireCan(access, 'conversations.reply')
  const note = checkNote(text)
  const conversation = await requireConversation(tx, conversationId)
  return insertConversationEvent(tx, conversation, { kind: 'note', by, at, text: note })
}

/**
 * Somebody has seen a conversation up to a turn: nothing of it is unread, unless more came since. Returns whether
 * anything was. Errors: `forbidden/not_allowed`.
 */
export const markConversationRead = (
  tx: TenantTx,
  { conversationId, seenTurn }: { readonly conversationId: number; readonly seenTurn: number },
  { access }: ActingPerson,
): Promise<boolean> => {
  requireCan(access, 'conversations.reply')
  return saveRead(tx, conversationId, seenTurn)
}

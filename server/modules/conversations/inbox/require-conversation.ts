import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, listMembers, requireCan } from '#server/modules/tenancy/index.ts'

import { type Conversation, hasUnseenWords } from './conversation.rules.ts'
import { lockConversation } from './conversation.store.ts'

/** The conversation, locked. Errors: `not_found`. */
export const requireConversation = async (tx: TenantTx, id: number): Promise<Conversation> => {
  const conversation = await lockConversation(tx, id)
  if (!conversation) throw notFound('conversation', id)
  return conversation
}

const MEMBER = /^member:(\d+)$/

/** The refusal that names who said something in between; a member by name. */
export const movedBy = async (tx: TenantTx, { id, turn }: Conversation, by: string): Promise<AppError> => {
  const memberId = Number(MEMBER.exec(by)?.[1] ?? 0)
  const member = memberId === 0 ? undefined : (await listMembers(tx)).find((row) => row.id === memberId)
  const who = memberId === 0 ? by : 'member'
  return new AppError('conflict', 'conversation_moved', { id, turn, who, by, name: member?.name ?? by })
}

/** What somebody does with a conversation; with `seenTurn` nothing of the contact may have come since. */
export interface ConversationChange {
  readonly conversationId: number
  readonly seenTurn?: number | null
}

/**
 * The conversation, locked for somebody who puts it away: what the contact wrote and nobody saw is not put away with it.
 * Errors: `forbidden/not_allowed`, `not_found`, `conflict/conversation_moved`.
 */
export const requireSeen = async (
  tx: TenantTx,
  { conversationId, seenTurn = null }: ConversationChange,
  { access }: ActingPerson,
): Promise<Conversation> => {
  requireCan(access, 'conversations.reply')
  const conversation = await requireConversation(tx, conversationId)
  if (hasUnseenWords(conversation, seenTurn)) throw await movedBy(tx, conversation, 'contact')
  return conversation
}

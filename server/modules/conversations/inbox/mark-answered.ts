import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Conversation } from './conversation.rules.ts'
import { lockConversations, saveAnswer, saveAside } from './conversation.store.ts'

const isAnswer = ({ state, handedOverAt }: Conversation): boolean => state === 'open' && handedOverAt === null

/**
 * Something automatic answered what contacts asked: they have the word. Where a person is asked for, or nobody waits
 * for an answer, it stays as it stands. Locks the conversations, the lowest first. Errors: `not_found`.
 */
export const markAllAnswered = async (tx: TenantTx, ids: readonly number[], at: number): Promise<void> => {
  if (ids.length === 0) return
  const locked = await lockConversations(tx, ids)
  const lost = ids.find((id) => !locked.some((conversation) => conversation.id === id))
  if (lost !== undefined) throw notFound('conversation', lost)
  const answered = locked.filter(isAnswer).map(({ id }) => id)
  const aside = locked.flatMap((conversation) => (isAnswer(conversation) ? [] : [conversation.id]))
  if (answered.length > 0) await saveAnswer(tx, answered, { by: 'automatic', at })
  if (aside.length > 0) await saveAside(tx, aside, at)
}

/** The same for one. */
export const markAnswered = (tx: TenantTx, conversationId: number, at: number): Promise<void> =>
  markAllAnswered(tx, [conversationId], at)

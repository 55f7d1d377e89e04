import type { TenantTx } from '#server/db/tenant-scope.ts'
import { emitWanted } from '#server/modules/webhooks/index.ts'

import type { Conversation } from './conversation.rules.ts'
import { type InboundWords, saveInbound } from './conversation.store.ts'

/**
 * Contacts wrote, each once: their conversations are open, again if need be, and due for an answer from the oldest
 * unanswered message on. One conversation for each, in their order. Locks the rows.
 */
export const upsertAllInbound = async (
  tx: TenantTx,
  words: readonly InboundWords[],
): Promise<readonly Conversation[]> => {
  const saved = await saveInbound(tx, words)
  await tellOpened(tx, saved)
  return words.map(({ accountId, contactId }) => {
    const found = saved.find((each) => each.accountId === accountId && each.contactId === contactId)
    if (!found) throw new Error('an upsert returned no row')
    return found
  })
}

/** A program of the tenant hears of each conversation that began, where it wants to. */
const tellOpened = (tx: TenantTx, saved: readonly Conversation[]): Promise<void> =>
  emitWanted(
    tx,
    ['conversation.opened'],
    saved
      .filter(({ turn, openedTurn }) => turn === openedTurn)
      .map(({ id, accountId, contactId, openedAt: at }) => ({
        type: 'conversation.opened',
        payload: { conversationId: id, accountId, contactId },
        at,
      })),
  )

/** The same for one who wrote. */
export const upsertInbound = async (tx: TenantTx, words: InboundWords): Promise<Conversation> => {
  const [conversation] = await upsertAllInbound(tx, [words])
  if (!conversation) throw new Error('an upsert returned no row')
  return conversation
}

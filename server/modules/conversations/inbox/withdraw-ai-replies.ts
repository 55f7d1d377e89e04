import type { TenantTx } from '#server/db/tenant-scope.ts'
import { cancelAiReplies, cancelDeliveries } from '#server/modules/delivery/index.ts'

import { selectDraftDeliveries, supersedeDrafts } from '../answering/draft.store.ts'
import { endTurns } from '../answering/turn.store.ts'
import type { Conversation } from './conversation.rules.ts'

type Whose = Pick<Conversation, 'accountId' | 'contactId'>

/**
 * A model owes a conversation nothing more: what it wrote and has not left is taken back, what it thinks out is thrown
 * away, and nobody has to decide about its draft. What is on its way this moment arrives. The caller holds the
 * conversation. Returns how many messages were taken back.
 */
export const withdrawAiReplies = async (tx: TenantTx, { accountId, contactId }: Whose, at: number): Promise<number> => {
  const whose = { accountId, contactId }
  await endTurns(tx, whose, 'withdrawn', at)
  await supersedeDrafts(tx, whose, 'withdrawn', at)
  return cancelAiReplies(tx, whose, 'ai_silenced', at)
}

/** The contact said stop: what members approved of a model's and has not left is taken back, too. */
export const withdrawForStop = async (tx: TenantTx, whose: Whose, at: number): Promise<void> => {
  await withdrawAiReplies(tx, whose, at)
  await cancelDeliveries(tx, await selectDraftDeliveries(tx, whose), 'suppressed', at)
}

import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Conversation } from '../inbox/conversation.rules.ts'
import { saveTurns } from './turn.store.ts'

/** A conversation in which somebody wrote; `writtenAt` is by Telegram's clock, epoch ms. */
export interface OwedTurn {
  readonly conversation: Pick<Conversation, 'id' | 'accountId' | 'contactId'>
  readonly writtenAt: number
}

/**
 * Contacts, each once, wrote to an account that answers by drafts or by a model: answers are owed, which also answer what
 * comes before they are given. A draft that did not know the message is superseded. The caller holds the conversations.
 * `at` is now, epoch ms.
 */
export const openTurns = (tx: TenantTx, owed: readonly OwedTurn[], at: number): Promise<void> =>
  saveTurns(
    tx,
    owed.map(({ conversation: { id, accountId, contactId }, writtenAt }) => ({
      conversationId: id,
      accountId,
      contactId,
      writtenAt,
    })),
    at,
  )

import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockOrBegin } from './conversation.store.ts'
import { takeWord } from './reply-as-member.ts'

/**
 * An account's owner wrote to a contact by hand, in Telegram: the contact has the word and the model is silent for a
 * while, like after a member's answer. Locks the conversation, which begins here where there is none.
 */
export const recordTakeover = async (
  tx: TenantTx,
  words: { readonly accountId: number; readonly contactId: number; readonly at: number },
): Promise<void> => {
  const conversation = await lockOrBegin(tx, words)
  await takeWord(tx, conversation, { by: 'owner', at: words.at })
}

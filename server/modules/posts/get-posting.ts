import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getChat } from '#server/modules/groups/index.ts'

import { findChatVoice } from './chat-voice.store.ts'
import { selectPlaces } from './post.store.ts'

/** Whether posts by schedule go out into a chat, and which accounts are there to make them. */
export interface Posting {
  readonly isOn: boolean
  readonly accounts: readonly { readonly id: number; readonly name: string; readonly isInstalled: boolean }[]
}

/** Who may post by schedule into a chat. Errors: `not_found`. */
export const getPosting = async (tx: TenantTx, chatId: number): Promise<Posting> => {
  const chat = await getChat(tx, chatId)
  const voice = await findChatVoice(tx, chat.id)
  return { isOn: voice?.isPostingOn ?? false, accounts: await selectPlaces(tx, chat.id) }
}

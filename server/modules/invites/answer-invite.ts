import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { InviteAction } from './invite.rules.ts'
import { findInviteChat, findInvitedChat } from './invite.store.ts'
import { recordInviteRefusal } from './record-invite-refusal.ts'

export interface InviteAnswer {
  readonly contactId: number
  /** The invitation whose button was pressed. */
  readonly deliveryId: number
  readonly action: InviteAction
  /** Epoch ms. */
  readonly at: number
}

/**
 * What a pressed button of an invitation means: a no is remembered for good; a yes gives the chat's public link, or
 * `link: null` for a chat without one. Null when the button belongs to no invitation of this person.
 */
export const answerInvite = async (
  tx: TenantTx,
  { contactId, deliveryId, action, at }: InviteAnswer,
): Promise<{ readonly link: string | null } | null> => {
  const chatId = await findInvitedChat(tx, contactId, deliveryId)
  const chat = chatId === null ? null : await findInviteChat(tx, chatId)
  if (!chat) return null
  if (action === 'invite_no') await recordInviteRefusal(tx, { contactId, chatId: chat.id, at })
  return { link: chat.username === null ? null : `https://t.me/${chat.username}` }
}

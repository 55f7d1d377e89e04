import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { cancelWaitingInvites, findInviteChat, insertRefusal, lockInvitePerson } from './invite.store.ts'

export interface InviteRefusal {
  readonly contactId: number
  /** Row id of the chat. */
  readonly chatId: number
  /** Epoch ms. */
  readonly at: number
}

/**
 * The person said no to a chat: no account of the tenant invites them there again, ever, and what waits is cancelled.
 * Saying it again changes nothing. Locks the contact. Errors: `not_found` (contact, chat).
 */
export const recordInviteRefusal = async (tx: TenantTx, { contactId, chatId, at }: InviteRefusal): Promise<void> => {
  const chat = await findInviteChat(tx, chatId)
  if (!chat) throw notFound('chat', chatId)
  if (!(await lockInvitePerson(tx, contactId))) throw notFound('contact', contactId)
  await insertRefusal(tx, contactId, chat.id, at)
  await cancelWaitingInvites(tx, contactId, chat.id, at)
}

import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockContact } from './contact.store.ts'
import { refreshMemberSince } from './feature.store.ts'
import { insertContactEvents } from './message.store.ts'
import { findMembershipStatus, saveMemberships } from './reach.store.ts'

export interface MembershipInput {
  readonly contactId: number
  /** Row id of the chat. */
  readonly chatId: number
  readonly status: 'member' | 'left' | 'kicked'
  /** Epoch ms; when this was found out. */
  readonly at: number
}

/**
 * Records what was found out about a contact's membership in a chat without the contact having done anything: by
 * asking Telegram. Older news never overrides newer. A change goes on the timeline and emits `contact.changed`. Locks
 * the contact.
 */
export const recordMembership = async (tx: TenantTx, input: MembershipInput): Promise<void> => {
  const { contactId, chatId, status, at } = input
  const contact = await lockContact(tx, contactId)
  if (!contact || contact.erased_at || contact.merged_into_id !== null) return
  const before = await findMembershipStatus(tx, contactId, chatId)
  await saveMemberships(tx, [{ contactId, chatId, status, at, joinedAt: null, activeAt: null, messages: 0 }])
  const after = await findMembershipStatus(tx, contactId, chatId)
  if (before === after || (before === null && after !== 'member')) return
  await refreshMemberSince(tx, contactId)
  await insertContactEvents(tx, [{ at, contactId, kind: 'membership', detail: { chat: chatId, status } }])
  await emitEvents(tx, at, [{ type: 'contact.changed', payload: { contactIds: [contactId] } }])
}

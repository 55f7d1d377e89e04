import type { TenantTx } from '#server/db/tenant-scope.ts'

import { findChatRow, findInvitationBefore, findLinkByName, saveJoin, saveLeave, saveRequest } from './join.store.ts'
import { mayBeOurs } from './link.rules.ts'

/** What Telegram told of somebody and a chat. */
export interface Coming {
  readonly contactId: number
  readonly chatTelegramId: number
  readonly kind: 'join_requested' | 'joined_chat' | 'left_chat' | 'removed_from_chat'
  /** Of the link they came by; null when Telegram names none. */
  readonly linkName: string | null
  /** Epoch ms. */
  readonly at: number
}

/**
 * Ties who comes and goes to the link they came by or, without one of ours, to the invitation that was sent to them within
 * thirty days. Told twice, by two accounts or after a crash, it is written once. The contacts are locked by the caller.
 */
export const recordJoins = async (tx: TenantTx, comings: readonly Coming[]): Promise<void> => {
  for (const { contactId, chatTelegramId, kind, linkName, at } of comings) {
    const chatId = await findChatRow(tx, chatTelegramId)
    if (chatId === null) continue
    if (kind === 'left_chat' || kind === 'removed_from_chat') {
      await saveLeave(tx, contactId, chatId, at)
      continue
    }
    const link = linkName !== null && mayBeOurs(linkName) ? await findLinkByName(tx, chatId, linkName) : null
    const isTheirs = link !== null && link.contactId === contactId
    const deliveryId = isTheirs ? link.deliveryId : link ? null : await findInvitationBefore(tx, contactId, chatId, at)
    if (!link && deliveryId === null) continue
    const step = { chatId, contactId, linkId: link?.id ?? null, deliveryId, at }
    await (kind === 'join_requested' ? saveRequest(tx, step) : saveJoin(tx, step))
  }
}

import type { TenantTx } from '#server/db/tenant-scope.ts'
import { findContact } from '#server/modules/contacts/index.ts'

import { findChatRow, findLinkByName } from './join.store.ts'
import { mayBeOurs } from './link.rules.ts'

/** A link of ours that somebody came by. */
export interface InviteByLink {
  readonly linkId: number
  readonly campaignId: number | null
  /** Made for one person; another person's use of it is for a human to judge. */
  readonly isPersonal: boolean
  /** Made for the very person who came: they said yes to an invitation, and may be let in. */
  readonly isForRequester: boolean
  /** Still meant to let people in; false once it was ended. */
  readonly isOpen: boolean
}

/**
 * The link of ours that a join request names, and whether it was made for the person who asks; null for links of other
 * administrators, and where Telegram names none. Both numbers are Telegram's.
 */
export const findInviteByLink = async (
  tx: TenantTx,
  chatTelegramId: number,
  linkName: string | null | undefined,
  telegramId: number,
): Promise<InviteByLink | null> => {
  if (typeof linkName !== 'string' || !mayBeOurs(linkName)) return null
  const chatId = await findChatRow(tx, chatTelegramId)
  const link = chatId === null ? null : await findLinkByName(tx, chatId, linkName)
  if (!link) return null
  const person = await findContact(tx, { telegramId })
  return {
    linkId: link.id,
    campaignId: link.campaignId,
    isPersonal: link.deliveryId !== null,
    isForRequester: link.contactId !== null && link.contactId === person?.id,
    isOpen: link.state === 'made',
  }
}

import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { findInviteSettings } from './invite-setting.store.ts'
import type { InviteAction } from './invite.rules.ts'
import { findInviteChat, findInvitation, insertAnswer, readInviteFacts } from './invite.store.ts'
import { nextForYes } from './links/link.rules.ts'
import { findLinkOf, findMaker, wantLink } from './links/link.store.ts'
import { recordInviteRefusal } from './record-invite-refusal.ts'

export interface InviteAnswer {
  readonly contactId: number
  /** The invitation whose button was pressed. */
  readonly deliveryId: number
  readonly action: InviteAction
  /** Epoch ms. */
  readonly at: number
}

/** What the person is told. */
export type InviteReply =
  | { readonly kind: 'refused' }
  | { readonly kind: 'member' }
  | { readonly kind: 'link'; readonly link: string }
  /** Their own link is being made and follows by itself. */
  | { readonly kind: 'preparing' }
  /** A colleague lets them in. */
  | { readonly kind: 'by_hand' }

/**
 * What a pressed button of an invitation means: a no is remembered for good; a yes is written down and gives the person's
 * own link, which is made after the commit ({@link makeInviteLinks}), the chat's public address where none of the tenant's
 * bots may make links, or a colleague's help. Pressed again, the same link is shown while it lasts. Null when the button
 * belongs to no invitation of this person. The contact is locked by the caller. Emits `invites.waiting`.
 */
export const answerInvite = async (tx: TenantTx, answer: InviteAnswer): Promise<InviteReply | null> => {
  const { contactId, deliveryId, action, at } = answer
  const invitation = await findInvitation(tx, contactId, deliveryId)
  const chat = invitation === null ? null : await findInviteChat(tx, invitation.chatId)
  if (!invitation || !chat) return null
  if (action === 'invite_no') {
    await recordInviteRefusal(tx, { contactId, chatId: chat.id, at })
    return { kind: 'refused' }
  }
  if ((await readInviteFacts(tx, contactId, chat.id)).isMember) return { kind: 'member' }
  await insertAnswer(tx, { contactId, deliveryId, chatId: chat.id, at })
  const publicWay: InviteReply =
    chat.username === null ? { kind: 'by_hand' } : { kind: 'link', link: `https://t.me/${chat.username}` }
  const known = await findLinkOf(tx, deliveryId)
  switch (nextForYes(known, at)) {
    case 'give':
      return { kind: 'link', link: known?.url ?? '' }
    case 'wait':
      return { kind: 'preparing' }
    case 'by_hand':
      return publicWay
    case 'make': {
      const makerAccountId = await findMaker(tx, chat.id, invitation.accountId)
      if (makerAccountId === null) return publicWay
      const { admission, linkLifeDays: lifeDays } = await findInviteSettings(tx)
      const giver = { accountId: invitation.accountId, contactId, deliveryId }
      // Basic groups know no requests.
      const fits = chat.kind === 'group' ? 'limited' : admission
      await wantLink(tx, { chatId: chat.id, makerAccountId, admission: fits, lifeDays, by: 'contact', at, giver })
      await emitEvents(tx, at, [{ type: 'invites.waiting', payload: {} }])
      return { kind: 'preparing' }
    }
  }
}

import { getAccount } from '#server/modules/accounts/index.ts'
import { addTags } from '#server/modules/contacts/index.ts'
import { type InviteAction, answerInvite, openReferralCard, referralLink } from '#server/modules/invites/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { type Answer, type Talk, reply, say } from './talk.ts'

/** A yes or a no to an invitation, by its button. */
export const answerToInvite =
  (action: InviteAction): Answer =>
  async (talk) => {
    const { tx, contactId, deliveryId, at } = talk
    const answer = deliveryId === null ? null : await answerInvite(tx, { contactId, deliveryId, action, at })
    switch (answer?.kind) {
      case undefined:
        return say(talk, 'unknown')
      case 'refused':
        return reply(talk, say(talk, 'invite.refused'))
      case 'member':
        return reply(talk, say(talk, 'invite.member'))
      case 'link':
        return reply(talk, say(talk, 'invite.link', { link: answer.link }))
      case 'preparing':
        // Shown over the chat and not sent: the link itself follows within moments.
        return say(talk, 'invite.preparing')
      case 'by_hand':
        await addTags(tx, { contactIds: [contactId], tags: ['needs-human'], at })
        return reply(talk, say(talk, 'invite.byHand'))
    }
  }

/** The contact's own link and points; a bot alone has an address that others can start. */
const cardOf = async (talk: Talk) => {
  const { tx, contactId, accountId, now: at } = talk
  const { kind, username } = await getAccount(tx, accountId)
  const card = kind === 'bot' && username !== null ? await openReferralCard(tx, { contactId, at }) : null
  return card && { ...card, link: referralLink(username ?? '', card.code) }
}

const pointsText = (talk: Talk, card: { readonly points: number; readonly coupons: readonly string[] }): string =>
  [
    say(talk, 'referral.points', { points: card.points }),
    ...(card.coupons.length > 0
      ? [say(talk, 'referral.coupons', { coupons: escapeText(card.coupons.slice(0, 5).join(', ')) })]
      : []),
  ].join('\n')

/** `/davet`: the link to hand on, what it brings, and what the contact has. */
export const invite: Answer = async (talk) => {
  const card = await cardOf(talk)
  if (!card) return reply(talk, say(talk, 'referral.off'))
  const words = say(talk, 'referral.link', { link: card.link, points: card.pointsPerPerson })
  return reply(talk, [words, pointsText(talk, card), say(talk, 'referral.notice')].join('\n\n'))
}

/** `/puan`: what the contact has. */
export const points: Answer = async (talk) => {
  const card = await cardOf(talk)
  return reply(talk, card ? pointsText(talk, card) : say(talk, 'referral.off'))
}

/** `/gizlilik`, with what is done with a contact's words about interests and with who brought whom. */
export const privacy: Answer = (talk) => reply(talk, `${say(talk, 'privacy')}\n\n${say(talk, 'invite.privacy')}`)

import { type GroupPlacement, showsInvite } from '#server/modules/conversations/index.ts'
import { type ReplyInput } from '#server/modules/delivery/index.ts'
import { findInviteOffer } from '#server/modules/invites/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { cutLabel } from './present-voice.rules.ts'
import { type Row, type Talk, say } from './talk.ts'

/** What an answer shows of the way into a group; all of it empty where there is nothing to show. */
export interface WayIn {
  /** Telegram HTML. */
  readonly lines: readonly string[]
  readonly rows: readonly Row[]
  readonly counted: Pick<ReplyInput, 'inviteChatId'>
}

const NOTHING: WayIn = { lines: [], rows: [], counted: {} }

/**
 * The way into a group of the tenant's, for an answer that leaves anyway: for the account's share of those who allowed
 * marketing, in as many places as are set, and once in thirty days at most. Never for who said no to the group.
 */
export const findWayIn = async (talk: Talk, placement: GroupPlacement): Promise<WayIn> => {
  const { tx, accountId, contactId, now: at } = talk
  const settings = (await talk.voice())?.settings
  if (!settings || !showsInvite(settings, { accountId, contactId, placement })) return NOTHING
  if (!(await talk.hasWaysIn())) return NOTHING
  const offer = await findInviteOffer(tx, { accountId, contactId, at })
  if (!offer) return NOTHING
  const counted = { inviteChatId: offer.chatId }
  const chat = escapeText(offer.title)
  // A yes leads to a link of the person's own.
  if (offer.link === null)
    return { lines: [say(talk, 'invite.wayInAsk', { chat })], rows: [['invite_yes', 'invite_no'], ['stop']], counted }
  const label = cutLabel(talk.t('invite.join', { chat: offer.title }))
  return {
    lines: [say(talk, 'invite.wayIn', { chat, link: offer.link })],
    rows: [[{ text: label, url: offer.link }], ['invite_no', 'stop']],
    counted,
  }
}

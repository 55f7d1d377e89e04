import type { ChatPermissions } from '@grammyjs/types'
import { badRequest, tooManyRequests } from '#simulator/bot-api/errors.ts'
import { hasPermission, hasRight, isAdmin } from '#simulator/world/members.ts'
import type { Place, SimBot } from '#simulator/world/types.ts'

export type ContentKind =
  | 'text'
  | 'photo'
  | 'video'
  | 'animation'
  | 'audio'
  | 'document'
  | 'voice'
  | 'video_note'
  | 'sticker'
  | 'poll'
  | 'dice'
  | 'contact'
  | 'location'
  | 'venue'

/** The permission a kind of content needs in a group, and its name in the error (td MessageContent.cpp). */
const NEEDS: Readonly<Record<ContentKind, readonly [keyof ChatPermissions, string]>> = {
  text: ['can_send_messages', 'text messages'],
  photo: ['can_send_photos', 'photos'],
  video: ['can_send_videos', 'videos'],
  animation: ['can_send_other_messages', 'animations'],
  audio: ['can_send_audios', 'music'],
  document: ['can_send_documents', 'documents'],
  voice: ['can_send_voice_notes', 'voice notes'],
  video_note: ['can_send_video_notes', 'video notes'],
  sticker: ['can_send_other_messages', 'stickers'],
  poll: ['can_send_polls', 'polls'],
  dice: ['can_send_other_messages', 'dice'],
  contact: ['can_send_messages', 'contacts'],
  location: ['can_send_messages', 'locations'],
  venue: ['can_send_messages', 'venues'],
}

/** Throws when the bot may not send this kind of content here, or slow mode makes it wait. */
export function checkSendRights(bot: SimBot, place: Place, kind: ContentKind, now: number): void {
  if (place.kind !== 'chat') return
  const { chat } = place
  const member = chat.members.get(bot.id)
  if (chat.type === 'channel') {
    if (!hasRight(member, 'can_post_messages')) throw badRequest('need administrator rights in the channel chat')
    return
  }
  const [permission, noun] = NEEDS[kind]
  if (!hasPermission(chat, member, permission)) throw badRequest(`not enough rights to send ${noun} to the chat`)
  if (chat.slowModeSeconds === 0 || !member || isAdmin(member)) return
  const waitMs = member.lastMessageAt + chat.slowModeSeconds * 1000 - now
  if (waitMs > 0) throw tooManyRequests(waitMs / 1000)
}

/** Starts the bot's slow-mode wait. */
export function noteSent(bot: SimBot, place: Place, now: number): void {
  if (place.kind !== 'chat') return
  const member = place.chat.members.get(bot.id)
  if (member) member.lastMessageAt = now
}

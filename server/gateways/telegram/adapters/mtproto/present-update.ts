import type { tl } from '@mtcute/core'
import { getMarkedPeerId } from '@mtcute/core/utils.js'

import type { UserUpdate } from '../../user-feed.ts'

/** Whom an update names, by Telegram's bare numbers. */
export interface NamedPeers {
  readonly users: ReadonlyMap<number, tl.TypeUser>
  readonly chats: ReadonlyMap<number, tl.TypeChat>
}

type Fields = Readonly<Record<string, unknown>>

/** Telegram's own senders of login codes and notices: nothing of theirs is taken in. */
const SERVICE_SENDERS: ReadonlySet<number> = new Set([333_000, 489_000, 777_000])

const userOf = (peers: NamedPeers, id: number): Fields => {
  const user = peers.users.get(id)
  if (user?._ !== 'user') return { id, is_bot: false, first_name: '' }
  const { username = user.usernames?.[0]?.username } = user
  return {
    id,
    is_bot: user.bot ?? false,
    first_name: user.firstName ?? '',
    ...(user.lastName !== undefined && { last_name: user.lastName }),
    ...(username !== undefined && { username }),
    ...(user.premium && { is_premium: true }),
    ...(user.langCode !== undefined && { language_code: user.langCode }),
  }
}

/** The chat a message lies in; null for channels, where the account only reads along. */
const chatOf = (peers: NamedPeers, peer: tl.TypePeer): Fields | null => {
  const id = getMarkedPeerId(peer)
  if (peer._ === 'peerUser') return { ...userOf(peers, peer.userId), type: 'private' }
  const chat = peers.chats.get(peer._ === 'peerChat' ? peer.chatId : peer.channelId)
  const title = chat && 'title' in chat ? chat.title : ''
  if (peer._ === 'peerChat') return { id, type: 'group', title }
  if ((chat?._ === 'channel' || chat?._ === 'channelForbidden') && chat.broadcast) return null
  const username = chat?._ === 'channel' ? (chat.username ?? chat.usernames?.[0]?.username) : undefined
  return { id, type: 'supergroup', title, ...(username !== undefined && { username }) }
}

const DOCUMENTS: readonly (readonly [(attribute: tl.TypeDocumentAttribute) => boolean, string])[] = [
  [(a) => a._ === 'documentAttributeSticker', 'sticker'],
  [(a) => a._ === 'documentAttributeAnimated', 'animation'],
  [(a) => a._ === 'documentAttributeVideo' && a.roundMessage === true, 'video_note'],
  [(a) => a._ === 'documentAttributeVideo', 'video'],
  [(a) => a._ === 'documentAttributeAudio' && a.voice === true, 'voice'],
  [(a) => a._ === 'documentAttributeAudio', 'audio'],
]

/** The Bot API's field for what a message carries besides words; null when it carries nothing that hides its text. */
const mediaFieldOf = (media: tl.TypeMessageMedia | undefined): string | null => {
  switch (media?._) {
    case 'messageMediaPhoto':
      return 'photo'
    case 'messageMediaPoll':
      return 'poll'
    case 'messageMediaDocument': {
      const attributes = media.document?._ === 'document' ? media.document.attributes : []
      return DOCUMENTS.find(([is]) => attributes.some(is))?.[1] ?? 'document'
    }
    default:
      return null
  }
}

const ENTITY_TYPES: Readonly<Record<string, string>> = { messageEntityUrl: 'url', messageEntityTextUrl: 'text_link' }

const contentOf = (message: tl.RawMessage): Fields => {
  const field = mediaFieldOf(message.media)
  const entities = (message.entities ?? []).flatMap(({ _: name, offset, length }) => {
    const type = ENTITY_TYPES[name]
    return type === undefined ? [] : [{ type, offset, length }]
  })
  const text = message.message
  return {
    ...(field !== null && { [field]: {} }),
    ...(text !== '' && { [field === null ? 'text' : 'caption']: text }),
    ...(entities.length > 0 && { [field === null ? 'entities' : 'caption_entities']: entities }),
  }
}

const joined = (peers: NamedPeers, ids: readonly number[]): Fields => ({
  new_chat_members: ids.map((id) => userOf(peers, id)),
})

/** What a service message tells, as far as the product hears of it; null otherwise. */
const serviceOf = (peers: NamedPeers, { action }: tl.RawMessageService, fromId: number): Fields | null => {
  switch (action._) {
    case 'messageActionChatAddUser':
      return joined(peers, action.users)
    case 'messageActionChatJoinedByLink':
    case 'messageActionChatJoinedByRequest':
      return joined(peers, [fromId])
    case 'messageActionChatDeleteUser':
      return { left_chat_member: userOf(peers, action.userId) }
    case 'messageActionChatMigrateTo':
      return { migrate_to_chat_id: getMarkedPeerId({ _: 'peerChannel', channelId: action.channelId }) }
    default:
      return null
  }
}

const asMessage = (update: tl.TypeUpdate): tl.RawMessage | tl.RawMessageService | null => {
  if (update._ !== 'updateNewMessage' && update._ !== 'updateNewChannelMessage') return null
  return update.message._ === 'messageEmpty' ? null : update.message
}

/** What the account's owner wrote to a person, as the bot of a business account would have been told of it. */
const presentOwn = (message: tl.RawMessage | tl.RawMessageService, peers: NamedPeers): UserUpdate | null => {
  const { peerId } = message
  if (message._ !== 'message' || peerId._ !== 'peerUser' || SERVICE_SENDERS.has(peerId.userId)) return null
  const user = peers.users.get(peerId.userId)
  if (user?._ !== 'user' || user.self || user.bot) return null
  const chat = chatOf(peers, peerId)
  const body = { message_id: message.id, date: message.date, chat, ...contentOf(message) }
  return { key: `common/${message.id}`, kind: 'business_message', body }
}

/**
 * A new message of a private chat or group as a bot would have been told of it; null for everything else: the
 * account's own words in groups and to bots, bots, channels, Telegram's service accounts.
 */
export const presentUpdate = (update: tl.TypeUpdate, peers: NamedPeers): UserUpdate | null => {
  const message = asMessage(update)
  if (!message) return null
  if (message.out) return presentOwn(message, peers)
  const { peerId, fromId } = message
  const sender = fromId?._ === 'peerUser' ? fromId.userId : peerId._ === 'peerUser' ? peerId.userId : null
  if (sender === null || SERVICE_SENDERS.has(sender)) return null
  const chat = chatOf(peers, peerId)
  const from = userOf(peers, sender)
  if (!chat || from['is_bot'] === true) return null
  const user = peers.users.get(sender)
  if (user?._ === 'user' && user.self) return null
  const content = message._ === 'message' ? contentOf(message) : serviceOf(peers, message, sender)
  if (!content) return null
  const place = peerId._ === 'peerChannel' ? `channel/${peerId.channelId}` : 'common'
  const body = { message_id: message.id, date: message.date, chat, from, ...content }
  return { key: `${place}/${message.id}`, kind: 'message', body }
}

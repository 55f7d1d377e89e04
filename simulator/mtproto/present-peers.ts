import { Long, type tl } from '@mtcute/core'
import { hash32 } from '#simulator/random.ts'
import { findMember, isAdmin, isPresent } from '#simulator/world/members.ts'
import type { PeerName, UserAccounts } from '#simulator/user-accounts/types.ts'
import type { SimBot, SimChat, SimUser } from '#simulator/world/types.ts'

/** Channel ids start where Bot API ids of supergroups and channels end: -100… */
const CHANNEL_BASE = 1_000_000_000_000

export function toChannelId(chatId: number): number {
  return -chatId - CHANNEL_BASE
}

/** The chat's id in the world, as bots see it. */
export function fromChannelId(channelId: number): number {
  return -channelId - CHANNEL_BASE
}

/** What a viewer has to show to name the peer; another viewer's is of no use. */
export function accessHash(viewerId: number, peerId: number): Long {
  return Long.fromBits(hash32(`${viewerId}/${peerId}/low`), hash32(`${viewerId}/${peerId}/high`) & 0x7fffffff)
}

export function presentPerson(accounts: UserAccounts, viewerId: number, user: SimUser): tl.RawUser {
  const isSelf = user.id === viewerId
  const phone = isSelf ? accounts.byUser.get(user.id)?.phone : undefined
  return {
    _: 'user',
    id: user.id,
    accessHash: accessHash(viewerId, user.id),
    ...(isSelf && { self: true }),
    ...(user.isDeleted ? { deleted: true } : { firstName: user.firstName }),
    ...(!user.isDeleted && user.lastName !== undefined && { lastName: user.lastName }),
    ...(!user.isDeleted && user.username !== undefined && { username: user.username }),
    ...(user.isPremium && { premium: true }),
    ...(phone !== undefined && { phone }),
  }
}

function presentBot(viewerId: number, bot: SimBot): tl.RawUser {
  return {
    _: 'user',
    id: bot.id,
    accessHash: accessHash(viewerId, bot.id),
    bot: true,
    botInfoVersion: 1,
    firstName: bot.name,
    username: bot.username,
  }
}

/** A person or a bot; an empty shell for an id that nobody has. */
export function presentUser(accounts: UserAccounts, viewerId: number, id: number): tl.TypeUser {
  const user = accounts.world.users.get(id)
  if (user) return presentPerson(accounts, viewerId, user)
  const bot = accounts.world.bots.get(id)
  return bot ? presentBot(viewerId, bot) : { _: 'userEmpty', id }
}

/** A group or channel as the viewer may see it: people who were removed see its name alone. */
export function presentChat(accounts: UserAccounts, viewerId: number, chat: SimChat): tl.TypeChat {
  const now = accounts.world.clock.now()
  const member = findMember(chat, viewerId, now)
  const photo: tl.RawChatPhotoEmpty = { _: 'chatPhotoEmpty' }
  const { title } = chat
  if (chat.type === 'group') {
    const id = -chat.id
    if (member?.status === 'kicked') return { _: 'chatForbidden', id, title }
    const next = chat.migratedTo
    return {
      _: 'chat',
      id,
      title,
      photo,
      participantsCount: [...chat.members.values()].filter(isPresent).length,
      date: 0,
      version: 1,
      ...(!isPresent(member) && { left: true }),
      ...((chat.isDeleted || next !== undefined) && { deactivated: true }),
      ...(next !== undefined && {
        migratedTo: { _: 'inputChannel', channelId: toChannelId(next), accessHash: accessHash(viewerId, next) },
      }),
    }
  }
  const id = toChannelId(chat.id)
  const kind = chat.type === 'channel' ? { broadcast: true } : { megagroup: true }
  const hash = accessHash(viewerId, chat.id)
  if (member?.status === 'kicked' || chat.isDeleted) {
    return { _: 'channelForbidden', id, title, accessHash: hash, ...kind }
  }
  return {
    _: 'channel',
    id,
    title,
    photo,
    date: 0,
    accessHash: hash,
    ...kind,
    ...(!isPresent(member) && { left: true }),
    ...(member?.status === 'creator' && { creator: true }),
    ...(isAdmin(member) && { adminRights: { _: 'chatAdminRights', postMessages: true } }),
    ...(chat.username !== undefined && { username: chat.username }),
  }
}

export function presentPeer(peer: PeerName): tl.TypePeer {
  return peer.kind === 'user' ? { _: 'peerUser', userId: peer.id } : { _: 'peerChat', chatId: -peer.id }
}

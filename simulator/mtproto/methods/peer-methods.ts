import type { tl } from '@mtcute/core'
import type { RpcContext, RpcMethods } from '#simulator/mtproto/methods/context.ts'
import { accessHash, fromChannelId, presentChat, presentUser } from '#simulator/mtproto/present-peers.ts'
import { requireAccount } from '#simulator/user-accounts/login.ts'
import { badRequest } from '#simulator/user-accounts/rpc-refusal.ts'

/** Who is who: people by id or public name, groups and channels by id. */
export const peerMethods: RpcMethods = {
  'users.getUsers': (context, { id }) => id.map((input) => readUser(context, input)),
  'users.getFullUser': (context, { id }) => {
    const user = readUser(context, id)
    if (user._ === 'userEmpty') throw badRequest('USER_ID_INVALID')
    return {
      _: 'users.userFull',
      fullUser: {
        _: 'userFull',
        id: user.id,
        settings: { _: 'peerSettings' },
        notifySettings: { _: 'peerNotifySettings' },
        commonChatsCount: 0,
      },
      chats: [],
      users: [user],
    }
  },
  'contacts.resolveUsername': ({ accounts, key }, { username }) => {
    const me = requireAccount(key).user.id
    const name = username.toLowerCase()
    const { world } = accounts
    const publicId = world.publicNames.get(name)
    const chat = publicId === undefined ? undefined : world.chats.get(publicId)
    if (chat) {
      const channelId = -chat.id - 1_000_000_000_000
      const chats = [presentChat(accounts, me, chat)]
      return { _: 'contacts.resolvedPeer', peer: { _: 'peerChannel', channelId }, chats, users: [] }
    }
    const named = (user: { readonly username: string | undefined }) => user.username?.toLowerCase() === name
    const userId = publicId ?? [...world.users.values()].find((user) => !user.isDeleted && named(user))?.id
    if (userId === undefined) throw badRequest('USERNAME_NOT_OCCUPIED')
    const users = [presentUser(accounts, me, userId)]
    return { _: 'contacts.resolvedPeer', peer: { _: 'peerUser', userId }, chats: [], users }
  },
  'messages.getChats': ({ accounts, key }, { id }) => {
    const me = requireAccount(key).user.id
    return { _: 'messages.chats', chats: id.map((chatId) => readChat(accounts, me, -chatId, 'CHAT_ID_INVALID')) }
  },
  'channels.getChannels': ({ accounts, key }, { id }) => {
    const me = requireAccount(key).user.id
    const chats = id.map((input) => {
      if (input._ !== 'inputChannel') throw badRequest('CHANNEL_INVALID')
      const chatId = fromChannelId(input.channelId)
      if (!input.accessHash.eq(accessHash(me, chatId))) throw badRequest('CHANNEL_INVALID')
      return readChat(accounts, me, chatId, 'CHANNEL_INVALID')
    })
    return { _: 'messages.chats', chats }
  },
}

function readChat(accounts: RpcContext['accounts'], viewerId: number, chatId: number, refusal: string): tl.TypeChat {
  const chat = accounts.world.chats.get(chatId)
  if (!chat) throw badRequest(refusal)
  return presentChat(accounts, viewerId, chat)
}

/** A wrong access hash answers the same as an id that nobody has. */
function readUser({ accounts, key }: RpcContext, input: tl.TypeInputUser): tl.TypeUser {
  const me = requireAccount(key).user.id
  switch (input._) {
    case 'inputUserSelf':
      return presentUser(accounts, me, me)
    case 'inputUser': {
      const { userId } = input
      const isKnown = userId === me || input.accessHash.eq(accessHash(me, userId))
      return isKnown ? presentUser(accounts, me, userId) : { _: 'userEmpty', id: userId }
    }
    default:
      throw badRequest('USER_ID_INVALID')
  }
}

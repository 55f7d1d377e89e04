import type { tl } from '@mtcute/core'
import type { RpcContext } from '#simulator/mtproto/methods/context.ts'
import { accessHash, fromChannelId } from '#simulator/mtproto/present-peers.ts'
import { requireAccount } from '#simulator/user-accounts/login.ts'
import { badRequest } from '#simulator/user-accounts/rpc-refusal.ts'
import type { SimBot, SimChat, SimUser } from '#simulator/world/types.ts'

/** Whom or what a peer names. */
export type Target =
  | { readonly kind: 'person'; readonly user: SimUser }
  | { readonly kind: 'bot'; readonly bot: SimBot }
  | { readonly kind: 'group'; readonly chat: SimChat }
  | { readonly kind: 'channel'; readonly chat: SimChat }

/** Finds the target of a peer. Refuses ids that nobody has and access hashes of another viewer. */
export function findTarget({ accounts, key }: RpcContext, peer: tl.TypeInputPeer): Target {
  const { user: me } = requireAccount(key)
  const { world } = accounts
  switch (peer._) {
    case 'inputPeerSelf':
      return { kind: 'person', user: me }
    case 'inputPeerUser': {
      const user = world.users.get(peer.userId)
      const bot = world.bots.get(peer.userId)
      if (peer.userId !== me.id && !peer.accessHash.eq(accessHash(me.id, peer.userId))) {
        throw badRequest('PEER_ID_INVALID')
      }
      if (user) return { kind: 'person', user }
      if (bot) return { kind: 'bot', bot }
      throw badRequest('PEER_ID_INVALID')
    }
    case 'inputPeerChat': {
      const chat = world.chats.get(-peer.chatId)
      if (!chat || chat.type !== 'group') throw badRequest('CHAT_ID_INVALID')
      return { kind: 'group', chat }
    }
    case 'inputPeerChannel': {
      const chatId = fromChannelId(peer.channelId)
      const chat = world.chats.get(chatId)
      if (!chat || !peer.accessHash.eq(accessHash(me.id, chatId))) throw badRequest('CHANNEL_INVALID')
      return { kind: 'channel', chat }
    }
    default:
      throw badRequest('PEER_ID_INVALID')
  }
}

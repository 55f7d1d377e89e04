import type { TelegramClient } from '@mtcute/node'
import type { tl } from '@mtcute/core'
import { getMarkedPeerId } from '@mtcute/core/utils.js'

import type { FailureReason } from '../../failures.ts'

/** Why a group is closed to the account, as its own state tells it; null when it is open. */
export interface ChatState {
  readonly reason: FailureReason | null
  readonly newChatId?: number | undefined
}

/** Asks what the account is in a group or channel. Throws what the call throws. */
export const findChatState = async (
  client: TelegramClient,
  chatId: number,
  abortSignal: AbortSignal,
): Promise<ChatState> => {
  const peer = await client.resolvePeer(chatId)
  switch (peer._) {
    case 'inputPeerChat': {
      const { chats } = await client.call({ _: 'messages.getChats', id: [peer.chatId] }, { abortSignal })
      return stateOf(chats[0])
    }
    case 'inputPeerChannel': {
      const channel = { _: 'inputChannel', channelId: peer.channelId, accessHash: peer.accessHash } as const
      const { chats } = await client.call({ _: 'channels.getChannels', id: [channel] }, { abortSignal })
      return stateOf(chats[0])
    }
    default:
      return { reason: 'chat_not_found' }
  }
}

const stateOf = (chat: tl.TypeChat | undefined): ChatState => {
  switch (chat?._) {
    case 'chatForbidden':
    case 'channelForbidden':
      return { reason: 'kicked' }
    case 'chat': {
      const next = chat.migratedTo
      if (next?._ === 'inputChannel') {
        const newChatId = getMarkedPeerId({ _: 'peerChannel', channelId: next.channelId })
        return { reason: 'chat_migrated', newChatId }
      }
      if (chat.deactivated) return { reason: 'chat_deleted' }
      return { reason: chat.left ? 'not_a_member' : null }
    }
    case 'channel':
      return { reason: chat.left ? 'not_a_member' : null }
    case 'chatEmpty':
    case undefined:
      return { reason: 'chat_not_found' }
    default:
      return { reason: null }
  }
}

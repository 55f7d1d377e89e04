import type { tl } from '@mtcute/core'
import { toSeconds } from '#simulator/mtproto/methods/context.ts'
import { presentChannelMessage } from '#simulator/mtproto/present-messages.ts'
import { presentChat, presentUser, toChannelId } from '#simulator/mtproto/present-peers.ts'
import { badRequest } from '#simulator/user-accounts/rpc-refusal.ts'
import type { UserAccounts } from '#simulator/user-accounts/types.ts'
import { isPresent } from '#simulator/world/members.ts'
import { findMessage } from '#simulator/world/messages.ts'
import type { SimChat } from '#simulator/world/types.ts'
import { chatPlace } from '#simulator/world/user-actions.ts'

/** Supergroups and channels of the person in which something was said since. */
export function listChannelsWithNews(accounts: UserAccounts, me: number, sinceSeconds: number): readonly SimChat[] {
  return [...accounts.world.chats.values()].filter((chat) => {
    const latest = accounts.channelEvents.get(chat.id)?.at(-1)
    return latest !== undefined && isPresent(chat.members.get(me)) && toSeconds(latest.at) >= sinceSeconds
  })
}

/** That the channel has to be asked by itself. */
export function presentChannelNews({ channelPts }: UserAccounts, { id }: SimChat): tl.RawUpdateChannelTooLong {
  return { _: 'updateChannelTooLong', channelId: toChannelId(id), pts: channelPts.get(id) ?? 1 }
}

/** What a supergroup or channel brought after `pts`, `limit` messages at a time. */
export function findChannelDifference(
  accounts: UserAccounts,
  me: number,
  chatId: number,
  pts: number,
  limit: number,
): tl.updates.TypeChannelDifference {
  const chat = accounts.world.chats.get(chatId)
  if (!chat) throw badRequest('CHANNEL_INVALID')
  if (!isPresent(chat.members.get(me))) throw badRequest('CHANNEL_PRIVATE')
  const timeout = 60
  const newest = accounts.channelPts.get(chatId) ?? 1
  const missed = (accounts.channelEvents.get(chatId) ?? []).filter((event) => event.pts > pts)
  const [first] = missed
  if (!first) return { _: 'updates.channelDifferenceEmpty', final: true, pts: newest, timeout }
  const page = missed.slice(0, limit)
  const messages = page.flatMap(({ messageId }) => findMessage(chatPlace(chat), messageId) ?? [])
  const authors = new Set(messages.flatMap(({ from }) => (from ? [from.id] : [])))
  const said = {
    chats: [presentChat(accounts, me, chat)],
    users: [...authors].map((id) => presentUser(accounts, me, id)),
  }
  const shown = messages.map((message) => presentChannelMessage(me, chat, message))
  if (first.pts > pts + 1) {
    const latest = shown.slice(-limit)
    return {
      _: 'updates.channelDifferenceTooLong',
      final: true,
      timeout,
      dialog: dialogOf(chat, newest),
      messages: latest,
      ...said,
    }
  }
  const last = page.at(-1)?.pts ?? newest
  const isFinal = page.length === missed.length
  return {
    _: 'updates.channelDifference',
    ...(isFinal && { final: true }),
    pts: isFinal ? newest : last,
    timeout,
    newMessages: shown,
    otherUpdates: [],
    ...said,
  }
}

function dialogOf(chat: SimChat, pts: number): tl.RawDialog {
  const topMessage = chat.messages.at(-1)?.message_id ?? 0
  return {
    _: 'dialog',
    peer: { _: 'peerChannel', channelId: toChannelId(chat.id) },
    topMessage,
    readInboxMaxId: topMessage,
    readOutboxMaxId: topMessage,
    unreadCount: 0,
    unreadMentionsCount: 0,
    unreadReactionsCount: 0,
    unreadPollVotesCount: 0,
    notifySettings: { _: 'peerNotifySettings' },
    pts,
  }
}

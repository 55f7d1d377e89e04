import type { tl } from '@mtcute/core'
import { type RpcContext, type RpcMethods, toSeconds } from '#simulator/mtproto/methods/context.ts'
import {
  findChannelDifference,
  listChannelsWithNews,
  presentChannelNews,
} from '#simulator/mtproto/methods/channel-difference.ts'
import { findTarget, type Target } from '#simulator/mtproto/methods/find-target.ts'
import {
  presentChannelMessage,
  presentMail,
  presentMailEvent,
  presentNamed,
} from '#simulator/mtproto/present-messages.ts'
import { fromChannelId, presentChat, presentPeer, presentUser, toChannelId } from '#simulator/mtproto/present-peers.ts'
import { requireAccount } from '#simulator/user-accounts/login.ts'
import { openMailbox } from '#simulator/user-accounts/mailboxes.ts'
import type { Mail, Mailbox, UserAccounts } from '#simulator/user-accounts/types.ts'
import { isPresent } from '#simulator/world/members.ts'

const NOT_MUTED: tl.RawPeerNotifySettings = { _: 'peerNotifySettings' }

/** Dialogs, history, and catching up on what was missed. */
export const readMethods: RpcMethods = {
  'updates.getState': ({ accounts, key }) => stateOf(accounts, openMailbox(accounts, requireAccount(key).user.id)),
  'updates.getDifference': ({ accounts, key }, { pts, date: sinceSeconds }) => {
    const me = requireAccount(key).user.id
    const mailbox = openMailbox(accounts, me)
    const missed = mailbox.events.filter((event) => event.pts > pts)
    const [first] = missed
    const date = toSeconds(accounts.world.clock.now())
    const channels = listChannelsWithNews(accounts, me, sinceSeconds)
    if (!first && channels.length === 0) return { _: 'updates.differenceEmpty', date, seq: 0 }
    if (first && first.pts > pts + 1) return { _: 'updates.differenceTooLong', pts: mailbox.pts }
    const fresh = missed.filter(({ kind }) => kind === 'new')
    const named = presentNamed(
      accounts,
      me,
      missed.map(({ mail }) => mail),
    )
    return {
      _: 'updates.difference',
      newMessages: fresh.map(({ mail }) => presentMail(mail)),
      newEncryptedMessages: [],
      otherUpdates: [
        ...missed.filter(({ kind }) => kind !== 'new').map(presentMailEvent),
        ...channels.map((chat) => presentChannelNews(accounts, chat)),
      ],
      users: named.users,
      chats: [...named.chats, ...channels.map((chat) => presentChat(accounts, me, chat))],
      state: stateOf(accounts, mailbox),
    }
  },
  'updates.getChannelDifference': (context, { channel, pts, limit }) => {
    const id = channel._ === 'inputChannel' ? fromChannelId(channel.channelId) : 0
    return findChannelDifference(context.accounts, requireAccount(context.key).user.id, id, pts, limit)
  },
  'messages.getDialogs': (context, { offsetPeer }) => {
    const me = requireAccount(context.key).user.id
    const empty = { _: 'messages.dialogs', dialogs: [], messages: [], chats: [], users: [] } as const
    // Everything fits on the first page.
    return offsetPeer._ === 'inputPeerEmpty'
      ? listDialogs(context, me)
      : { ...empty, dialogs: [], messages: [], chats: [], users: [] }
  },
  'messages.getPinnedDialogs': ({ accounts, key }) => ({
    _: 'messages.peerDialogs',
    dialogs: [],
    messages: [],
    chats: [],
    users: [],
    state: stateOf(accounts, openMailbox(accounts, requireAccount(key).user.id)),
  }),
  'messages.getHistory': (context, { peer, offsetId, limit }) => {
    const me = requireAccount(context.key).user.id
    const { accounts } = context
    const target = findTarget(context, peer)
    const isWanted = (id: number): boolean => offsetId === 0 || id < offsetId
    if (target.kind === 'channel') {
      const found = target.chat.messages.filter(({ message_id: id }) => isWanted(id)).slice(-limit)
      const authors = new Set(found.flatMap(({ from }) => (from ? [from.id] : [])))
      return {
        _: 'messages.messages',
        messages: found.toReversed().map((message) => presentChannelMessage(me, target.chat, message)),
        topics: [],
        chats: [presentChat(accounts, me, target.chat)],
        users: [...authors].map((id) => presentUser(accounts, me, id)),
      }
    }
    const mails = mailsWith(openMailbox(accounts, me), target).filter(({ id }) => isWanted(id))
    const page = mails.slice(-limit).toReversed()
    const named = presentNamed(accounts, me, page)
    return { _: 'messages.messages', messages: page.map(presentMail), topics: [], ...named }
  },
}

function stateOf(accounts: UserAccounts, { pts }: Mailbox): tl.updates.RawState {
  const date = toSeconds(accounts.world.clock.now())
  return { _: 'updates.state', pts, qts: 0, date, seq: 0, unreadCount: 0 }
}

function mailsWith(mailbox: Mailbox, target: Exclude<Target, { readonly kind: 'channel' }>): Mail[] {
  const id = target.kind === 'group' ? target.chat.id : target.kind === 'bot' ? target.bot.id : target.user.id
  return [...mailbox.mails.values()].filter(({ peer }) => peer.id === id)
}

function listDialogs({ accounts }: RpcContext, me: number): tl.messages.RawDialogs {
  const mailbox = openMailbox(accounts, me)
  const latest = new Map<number, Mail>()
  for (const mail of mailbox.mails.values()) latest.set(mail.peer.id, mail)
  const mails = [...latest.values()].toSorted((a, b) => b.at - a.at)
  const chats = [...accounts.world.chats.values()].filter((chat) => isPresent(chat.members.get(me)))
  const channels = chats.filter((chat) => chat.type !== 'group' && !chat.isDeleted)
  const silent = chats.filter((chat) => chat.type === 'group' && !latest.has(chat.id))
  const named = presentNamed(accounts, me, mails)
  const posts = channels.flatMap((chat) => {
    const message = chat.messages.at(-1)
    return message ? [presentChannelMessage(me, chat, message)] : []
  })
  return {
    _: 'messages.dialogs',
    dialogs: [
      ...mails.map(({ peer, id }) => dialogOf(presentPeer(peer), id)),
      ...silent.map(({ id }) => dialogOf({ _: 'peerChat', chatId: -id }, 0)),
      ...channels.map((chat) => ({
        ...dialogOf({ _: 'peerChannel', channelId: toChannelId(chat.id) }, chat.messages.at(-1)?.message_id ?? 0),
        pts: accounts.channelPts.get(chat.id) ?? 1,
      })),
    ],
    messages: [...mails.map(presentMail), ...posts],
    chats: [...named.chats, ...[...silent, ...channels].map((chat) => presentChat(accounts, me, chat))],
    users: named.users,
  }
}

function dialogOf(peer: tl.TypePeer, topMessage: number): tl.RawDialog {
  return {
    _: 'dialog',
    peer,
    topMessage,
    readInboxMaxId: topMessage,
    readOutboxMaxId: topMessage,
    unreadCount: 0,
    unreadMentionsCount: 0,
    unreadReactionsCount: 0,
    unreadPollVotesCount: 0,
    notifySettings: NOT_MUTED,
  }
}

import type { Message } from '@grammyjs/types'
import type { tl } from '@mtcute/core'
import { toSeconds } from '#simulator/mtproto/methods/context.ts'
import { presentEntities } from '#simulator/mtproto/present-entities.ts'
import { presentChat, presentPeer, presentUser, toChannelId } from '#simulator/mtproto/present-peers.ts'
import type { Mail, MailEvent, UserAccounts } from '#simulator/user-accounts/types.ts'
import type { SimChat } from '#simulator/world/types.ts'

export function presentMail(mail: Mail): tl.RawMessage {
  return {
    _: 'message',
    ...(mail.isOut && { out: true }),
    id: mail.id,
    fromId: { _: 'peerUser', userId: mail.fromId },
    peerId: presentPeer(mail.peer),
    date: toSeconds(mail.at),
    message: mail.text,
    ...(mail.entities.length > 0 && { entities: presentEntities(mail.entities) }),
    ...(mail.replyTo !== undefined && { replyTo: { _: 'messageReplyHeader', replyToMsgId: mail.replyTo } }),
    ...(mail.editedAt > 0 && { editDate: toSeconds(mail.editedAt) }),
  }
}

/** A message of a supergroup or channel. */
export function presentChannelMessage(viewerId: number, chat: SimChat, message: Message): tl.RawMessage {
  const from = message.from?.id
  const reply = message.reply_to_message?.message_id
  const entities = message.entities ?? message.caption_entities ?? []
  return {
    _: 'message',
    ...(from === viewerId && { out: true }),
    ...(chat.type === 'channel' && { post: true }),
    id: message.message_id,
    ...(from !== undefined && { fromId: { _: 'peerUser', userId: from } }),
    peerId: { _: 'peerChannel', channelId: toChannelId(chat.id) },
    date: message.date,
    message: message.text ?? message.caption ?? '',
    ...(entities.length > 0 && { entities: presentEntities(entities) }),
    ...(reply !== undefined && { replyTo: { _: 'messageReplyHeader', replyToMsgId: reply } }),
  }
}

export function presentMailEvent({ kind, pts, mail }: MailEvent): tl.TypeUpdate {
  switch (kind) {
    case 'new':
      return { _: 'updateNewMessage', message: presentMail(mail), pts, ptsCount: 1 }
    case 'edited':
      return { _: 'updateEditMessage', message: presentMail(mail), pts, ptsCount: 1 }
    case 'deleted':
      return { _: 'updateDeleteMessages', messages: [mail.id], pts, ptsCount: 1 }
  }
}

/** Everybody and everything that mails name, as the viewer sees them. */
export function presentNamed(
  accounts: UserAccounts,
  viewerId: number,
  mails: readonly Mail[],
): { readonly users: tl.TypeUser[]; readonly chats: tl.TypeChat[] } {
  const people = new Set<number>([viewerId])
  const groups = new Set<number>()
  for (const { peer, fromId } of mails) {
    people.add(fromId)
    if (peer.kind === 'user') people.add(peer.id)
    else groups.add(peer.id)
  }
  return {
    users: [...people].map((id) => presentUser(accounts, viewerId, id)),
    chats: [...groups].flatMap((id) => {
      const chat = accounts.world.chats.get(id)
      return chat ? [presentChat(accounts, viewerId, chat)] : []
    }),
  }
}

/** Updates with everybody they name, as servers send them. */
export function presentUpdates(
  accounts: UserAccounts,
  viewerId: number,
  updates: tl.TypeUpdate[],
  mails: readonly Mail[],
): tl.RawUpdates {
  const date = toSeconds(accounts.world.clock.now())
  return { _: 'updates', updates, ...presentNamed(accounts, viewerId, mails), date, seq: 0 }
}
